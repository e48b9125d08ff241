import { describe, expect, it } from 'vitest';
import {
  annotationName,
  defaultStudy,
  finetuneDefaults,
  pretrainDefaults,
} from '../../src/run/train-defaults.ts';
import { parseTrainConfig } from '../../src/train/config.ts';
import { TrainError } from '../../src/train/errors.ts';
import { tinyTrainConfig } from './support.ts';

/** Code and subject of what parsing throws; null = it parses. */
function refusal(json: unknown): readonly [string, string] | null {
  try {
    parseTrainConfig(json);
  } catch (error) {
    if (error instanceof TrainError) return [error.code, error.subject];
    throw error;
  }
  return null;
}

describe('a configuration of a training', () => {
  const sound = tinyTrainConfig();

  it('comes back from JSON as it was, and so do the defaults', () => {
    expect(parseTrainConfig(JSON.parse(JSON.stringify(sound)))).toEqual(sound);
    const study = {
      ...defaultStudy('s', ['a.h5ad']),
      labels: { cell_type: { column: 'ct', table: { a: 'b' } } },
    };
    const base = { name: 'my model/2', sha256: '' };
    for (const config of [
      finetuneDefaults(base, 'cell_type', [study]),
      pretrainDefaults('new', { kind: 'package', ...base }, [study]),
    ])
      expect(parseTrainConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  it.each([
    [{ schema: 'teddy-web/train-config/9' }, 'config-version', 'schema'],
    [{ epoch: 3 }, 'config-invalid', 'epoch'],
    [{ epochs: 0 }, 'config-invalid', 'epochs'],
    [{ name: '../../etc' }, 'config-invalid', 'name'],
    [{ dropout: 1 }, 'config-invalid', 'dropout'],
    [
      { optimiser: { ...sound.optimiser, learningRate: Number.NaN } },
      'config-invalid',
      'optimiser.learningRate',
    ],
    [{ optimiser: { ...sound.optimiser, beta2: 1 } }, 'config-invalid', 'optimiser.beta2'],
    [
      { objective: { ...sound.objective, annotation: '__proto__' } },
      'config-invalid',
      'objective.annotation',
    ],
    [{ objective: { ...sound.objective, annotation: 'age' } }, 'config-invalid', 'data'],
    [{ objective: { kind: 'pretrain', masked: 0, annotations: {} } }, 'config-invalid', 'objective'],
    [{ masking: { share: 0, fixed: false } }, 'config-invalid', 'masking.share'],
    [{ split: { kind: 'automatic', validation: 0.5, test: 0.5 } }, 'config-invalid', 'split'],
    [{ data: [...sound.data, ...sound.data] }, 'config-invalid', 'data'],
    [{ data: [] }, 'config-invalid', 'data'],
    [{ base: { ...sound.base, maxPositionEmbeddings: 0 } }, 'config-invalid', 'base.maxPositionEmbeddings'],
    [
      { base: { ...sound.base, maxPositionEmbeddings: 2049 } },
      'config-invalid',
      'base.maxPositionEmbeddings',
    ],
    [{ trainingShare: 0.5 }, 'config-invalid', 'trainingShare'],
    [{ trainable: { kind: 'last-layers', layers: 0 } }, 'config-invalid', 'trainable.layers'],
  ])('with %j is refused', (changes, code, subject) => {
    expect(refusal({ ...JSON.parse(JSON.stringify(sound)), ...changes })).toEqual([code, subject]);
  });

  it('that is no object is refused', () => {
    for (const json of [null, 3, 'x', [], {}]) expect(refusal(json)?.[0]).toBe('config-invalid');
  });

  it('gives label columns names that config.json may hold', () => {
    for (const column of ['condition', 'Cell Type', '10x run', 'état/α', 'constructor', '']) {
      const name = annotationName(column);
      const labels = { [name]: { column, table: {} } };
      const config = { ...sound, objective: { ...sound.objective, annotation: name } };
      expect(refusal({ ...config, data: sound.data.map((study) => ({ ...study, labels })) })).toBe(null);
    }
  });
});
