import { expect, it } from 'vitest';
import { probeRequest } from '../../src/cli/probe-arguments.ts';

const asked = (...args: string[]) => {
  const request = probeRequest(['cells.h5ad', '--label', 'disease', ...args]);
  if (request.kind !== 'options') throw new Error(request.kind);
  return request.asked;
};

it('reads a question with its defaults', () => {
  expect(asked()).toMatchObject({
    label: 'disease',
    groups: null,
    features: { kind: 'embedding' },
    split: null,
    pooling: 'gene_mean',
    c: null,
    expression: true,
    dropFailing: false,
    cells: null,
    first: null,
    seed: 0,
  });
});

it.each([
  ['leave-one-group-out', { kind: 'leave-one-group-out' }],
  ['grouped-k-fold:5', { kind: 'grouped-k-fold', folds: 5 }],
  ['random-cells:3', { kind: 'random-cells', folds: 3 }],
  ['held-out:D1,D:2', { kind: 'held-out-groups', groups: ['D1', 'D:2'] }],
  [
    'held-out-case:Mild,Severe:Critical:Healthy',
    { kind: 'held-out-case', trainCases: ['Mild', 'Severe'], testCase: 'Critical', control: 'Healthy' },
  ],
])('reads the split %s', (text, split) => {
  expect(asked('--split', text).split).toEqual(split);
});

it.each([
  'halves',
  'grouped-k-fold',
  'grouped-k-fold:1',
  'random-cells:2.5',
  'held-out:',
  'held-out-case:a:b',
  'leave-one-group-out:3',
])('refuses the split %s', (text) => expect(() => asked('--split', text)).toThrow('--split takes'));

it('reads features and C', () => {
  expect(asked('--features', 'annotation:disease').features).toEqual({
    kind: 'annotation-state',
    annotation: 'disease',
  });
  expect(asked('--features', 'obsm:X_pca:2').features).toEqual({ kind: 'obsm', key: 'X_pca:2' });
  expect(() => asked('--features', 'genes')).toThrow('--features takes');
  expect(asked('--c', '0.1').c).toBe(0.1);
  expect(asked('--c', 'chosen').c).toBe('chosen');
  expect(() => asked('--c', '0')).toThrow('--c takes');
});

it('knows a configuration and a saved probe from a question', () => {
  expect(probeRequest(['--config', 'c.json'])).toMatchObject({
    kind: 'config',
    config: 'c.json',
    file: null,
    engine: null,
  });
  expect(probeRequest(['--config=c.json', 'x.h5ad'])).toMatchObject({ kind: 'config', file: 'x.h5ad' });
  expect(() => probeRequest(['--config', 'c.json', '--label', 'disease'])).toThrow('--label');
  expect(probeRequest(['--apply', 'p.safetensors', 'x.h5ad', '--out', 'o.csv'])).toMatchObject({
    kind: 'apply',
    probe: 'p.safetensors',
    format: 'csv',
  });
  expect(() => probeRequest(['--apply', 'p.safetensors', 'x.h5ad', '--out', 'o.txt'])).toThrow('--out ends');
  expect(() => probeRequest(['x.h5ad'])).toThrow('--label COLUMN is missing');
});
