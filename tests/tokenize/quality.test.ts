import { describe, expect, it } from 'vitest';
import { WITHHELD_REASONS } from '../../src/model/token-batch.ts';
import { MITOCHONDRIAL_GENES } from '../../src/tokenize/mitochondrial.ts';
import { mitochondrialColumns, QualityScan, qcPass } from '../../src/tokenize/quality.ts';
import { isModelTissue } from '../../src/tokenize/tissue.ts';
import { LEAST_TOKENS, withheldByData } from '../../src/tokenize/withhold.ts';

const ND1 = 'ENSG00000198888';

describe('quality', () => {
  const rows = {
    rowCount: 3,
    indptr: Uint32Array.of(0, 3, 3, 5),
    indices: Uint32Array.of(0, 1, 2, 0, 1),
    values: Float64Array.of(6, 2, 0, 1, 9),
  };

  it('counts genes with a count, sums counts, and takes the share of mitochondrial columns', () => {
    const scan = new QualityScan(5, ['ENSG00000000001', ND1, null], Int32Array.of(7, -1, 3), 10);
    scan.add(rows, 1);
    const { genes, counts, mitochondrial } = scan.quality;
    expect([...genes]).toEqual([0, 2, 0, 2, 0]);
    expect([...counts]).toEqual([0, 8, 0, 10, 0]);
    expect([...(mitochondrial ?? [])]).toEqual([0, 0.25, 0, Math.fround(0.9), 0]);
    expect([...qcPass(scan.quality, { leastGenes: 2, greatestMitochondrial: 0.25 })]).toEqual([
      0, 1, 0, 0, 0,
    ]);
  });

  it('gives no share where the file has no mitochondrial gene, and judges by genes alone', () => {
    const scan = new QualityScan(3, ['ENSG00000000001', null, null], Int32Array.of(-1, -1, -1), 10);
    scan.add(rows, 0);
    expect(scan.quality.mitochondrial).toBeNull();
    expect([...qcPass(scan.quality, { leastGenes: 1, greatestMitochondrial: 0 })]).toEqual([1, 0, 1]);
    expect([...qcPass(scan.quality)]).toEqual([0, 0, 0]);
  });

  it('finds the share of counts in the vocabulary and the tokens of a cell, as many as the model reads', () => {
    const ids = ['ENSG00000000001', ND1, null];
    const scan = new QualityScan(3, ids, Int32Array.of(7, 3, -1), 1);
    expect([scan.countShare, scan.meanTokens]).toEqual([0, 0]);
    scan.add({ ...rows, values: Float64Array.of(6, 2, 4, 0, 8) }, 0);
    expect([scan.countShare, scan.meanTokens]).toEqual([0.8, 2 / 3]);
    expect(new QualityScan(0, ids, Int32Array.of(7, 3, -1), 1).meanTokens).toBe(0);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('%s is no count, wherever it stands', (value) => {
    const scan = new QualityScan(9, [null, null, null], Int32Array.of(-1, -1, -1), 10);
    const add = () => scan.add({ ...rows, values: Float64Array.of(6, 2, 0, 1, value) }, 5);
    expect(add).toThrow(expect.objectContaining({ name: 'CountsError', row: 7, column: 1 }));
  });

  it('knows the 37 genes of the mitochondrial chromosome of human and mouse', () => {
    const mouse = [...MITOCHONDRIAL_GENES].filter((id) => id.startsWith('ENSMUSG'));
    expect([mouse.length, MITOCHONDRIAL_GENES.size - mouse.length]).toEqual([37, 37]);
    expect([...(mitochondrialColumns([null, ND1, 'ENSG00000210196']) ?? [])]).toEqual([0, 1, 1]);
  });
});

describe('a recorded tissue', () => {
  const model = ['blood', 'prefrontal cortex'];
  it.each([
    'blood',
    'Blood',
    'PBMC',
    'peripheral blood mononuclear cell',
    'whole_blood',
    'UBERON:0000178',
    'DLPFC',
    'UBERON:0009834',
    'Prefrontal  Cortex',
  ])('%s is among the model’s', (tissue) => expect(isModelTissue(tissue, model)).toBe(true));
  it.each([
    'heart',
    'kidney',
    'brain',
    'blood (cell culture)',
    'UBERON:0000955',
    'umbilical cord blood',
    'constructor',
  ])('%s is not', (tissue) => expect(isModelTissue(tissue, model)).toBe(false));
  it.each([null, '', ' unknown ', 'NA', 'unassigned'])('%j says nothing', (tissue) =>
    expect(isModelTissue(tissue, model)).toBeNull(),
  );
});

describe('what the data alone withholds', () => {
  const context = { modelOrganisms: new Set(['human']), modelTissues: ['blood'] };
  const reason = (...args: [string | null, string | null, number]): string =>
    WITHHELD_REASONS[withheldByData(context, ...args)];

  it('says the first reason that applies', () => {
    expect(reason('human', 'PBMC', 900)).toBe('shown');
    expect(reason(null, null, 900)).toBe('shown');
    expect(reason('mouse', 'heart', 3)).toBe('organism');
    expect(reason('human', 'heart', 3)).toBe('tissue');
    expect(reason('human', 'blood', LEAST_TOKENS - 1)).toBe('few_genes');
    expect(reason('human', 'blood', LEAST_TOKENS)).toBe('shown');
  });

  it('has no rule of tissue for a model that predicts none', () => {
    expect(withheldByData({ ...context, modelTissues: [] }, 'human', 'heart', 900)).toBe(0);
  });
});
