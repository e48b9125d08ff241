import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkTrainBatch } from '../../src/engine/check-train-batch.ts';
import type { TrainBatch } from '../../src/engine/trainer.ts';
import { randomBatch, tinyConfig, X_BINNED, X_RANK } from './support/tiny-model.ts';

const MODELS = { G: tinyConfig(), binned: tinyConfig(X_BINNED), rank: tinyConfig(X_RANK) };
const lengths = [4, 0, 9, 1];

describe('checkTrainBatch', () => {
  it('takes what a model can learn from', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(MODELS)),
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 5 }),
        fc.integer(),
        (config, cells, seed) => checkTrainBatch(randomBatch(config, cells, seed), config),
      ),
    );
  });

  it.each<[string, keyof typeof MODELS, (batch: TrainBatch) => Partial<TrainBatch>, string]>([
    [
      'a hidden token that is none',
      'G',
      () => ({ masked: Uint32Array.of(14), targets: Float32Array.of(1) }),
      'masked',
    ],
    [
      'hidden tokens out of order',
      'G',
      () => ({ masked: Uint32Array.of(3, 3), targets: Float32Array.of(1, 1) }),
      'masked',
    ],
    ['fewer targets than hidden tokens', 'G', ({ targets }) => ({ targets: targets.slice(1) }), 'masked'],
    ['a gene that the model has not', 'G', ({ targets }) => ({ targets: targets.map(() => 15) }), 'masked'],
    ['half a gene', 'G', ({ targets }) => ({ targets: targets.map(() => 1.5) }), 'masked'],
    ['a bin too many', 'binned', ({ targets }) => ({ targets: targets.map(() => 6) }), 'masked'],
    ['no rank value', 'rank', ({ targets }) => ({ targets: targets.map(() => Number.NaN) }), 'masked'],
    [
      'a value that is none, not hidden',
      'rank',
      ({ values }) => ({ values: values?.map(() => Number.NaN) as Float32Array<ArrayBuffer> }),
      'values',
    ],
    [
      'an annotation that the model has not',
      'G',
      () => ({ labels: { tissue: new Int32Array(4) } }),
      'labels',
    ],
    ['labels of fewer cells', 'G', () => ({ labels: { sex: new Int32Array(3) } }), 'labels'],
    ['a class too many', 'G', () => ({ labels: { sex: Int32Array.of(0, 1, 2, 0) } }), 'labels'],
    ['a class of −2', 'G', () => ({ labels: { sex: Int32Array.of(0, 1, -2, 0) } }), 'labels'],
    ['a token that the model has not', 'G', ({ geneIds }) => ({ geneIds: geneIds.map(() => 15) }), 'gene-id'],
    [
      'a cell too long',
      'G',
      ({ geneIds }) => ({ cuSeqlens: Uint32Array.of(0, 0, 0, 0, geneIds.length) }),
      'too-long',
    ],
  ])('refuses %s', (_, model, change, code) => {
    const batch = randomBatch(MODELS[model], lengths, 2);
    expect(batch.masked.length).toBeGreaterThan(2);
    expect(() => checkTrainBatch({ ...batch, ...change(batch) }, MODELS[model])).toThrow(
      expect.objectContaining({ name: 'TokenBatchError', code }),
    );
  });
});
