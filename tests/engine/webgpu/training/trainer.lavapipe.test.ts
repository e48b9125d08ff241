import { describe, expect, it } from 'vitest';
import { createReferenceTrainer } from '../../../../src/engine/reference/training/trainer.ts';
import type {
  NamedTensor,
  OptimiserSettings,
  TrainBatch,
  Trainer,
  TrainerOptions,
} from '../../../../src/engine/trainer.ts';
import { estimateTrainingBytes } from '../../../../src/engine/webgpu/training/memory.ts';
import { createWebGpuTrainer, type TrainerSwitches } from '../../../../src/engine/webgpu/training/trainer.ts';
import { acquireGpu } from '../../../../src/gpu/device.ts';
import type { ModelConfig } from '../../../../src/model/config.ts';
import { deviceOn, gpuOn } from '../support/adapter.ts';
import { watchGpu } from '../support/watched-gpu.ts';
import {
  ANNOTATION_IDS,
  EVERYTHING,
  smallBatch,
  smallConfig,
  smallWeights,
  TRAINABLES,
} from './support/small-training.ts';

const context = await deviceOn('lavapipe');

const SETTINGS: OptimiserSettings = {
  ...{ learningRate: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 },
  ...{ weightDecay: 0.1, clipGlobalNorm: 1, seed: 11 },
};
/** Chunks so small that tables and decoder lie in several buffers, and command buffers that hold little. */
const SMALL: TrainerSwitches = { decoderRows: 16, tableBytes: 1000, submitFlops: 3e5 };

const trainerOf = (config: ModelConfig, options: TrainerOptions, switches: TrainerSwitches = {}) =>
  createWebGpuTrainer(context, config, smallWeights(config), ANNOTATION_IDS, options, switches);

const batchesOf = (config: ModelConfig): TrainBatch[] => [
  smallBatch(config, [71, 1, 33], 3),
  smallBatch(config, [90], 4),
  // Nothing hidden.
  smallBatch(config, [1, 2], 5),
];

/** ‖actual − expected‖ / ‖expected‖, no less than 1e-6 below; NaN where there is one. */
function errorInNorm(actual: Float32Array, expected: Float32Array): number {
  let difference = 0;
  let size = 0;
  for (const [i, value] of expected.entries()) {
    difference += (actual[i] - value) ** 2;
    size += value ** 2;
  }
  return Math.sqrt(difference) / Math.max(1e-6, Math.sqrt(size));
}

function expectNear(actual: readonly NamedTensor[], expected: readonly NamedTensor[], tolerance: number) {
  expect(actual.map(({ name, shape }) => [name, shape])).toEqual(
    expected.map(({ name, shape }) => [name, shape]),
  );
  for (const [i, { name, data }] of expected.entries()) {
    // The keys' part of a bias has no gradient but that of rounding.
    if (name.endsWith('in_proj_bias')) continue;
    expect(errorInNorm(actual[i].data, data), name).toBeLessThanOrEqual(tolerance);
  }
}

async function expectLikeReference(config: ModelConfig, options: TrainerOptions, switches = SMALL) {
  const reference = await createReferenceTrainer(config, smallWeights(config), ANNOTATION_IDS, options);
  const trainer = await trainerOf(config, options, switches);
  const batches = batchesOf(config);
  expect(trainer.learning).toEqual(reference.learning);
  for (let step = 0; step < 2; step++) {
    const [actual, expected] = [
      await trainer.gradients(batches, SETTINGS.seed),
      await reference.gradients(batches, SETTINGS.seed),
    ];
    expect(actual.losses.total / expected.losses.total).toBeCloseTo(1, 5);
    expect(actual.losses).toEqual({
      ...expected.losses,
      total: expect.closeTo(expected.losses.total, 4),
      masked: expected.losses.masked === null ? null : expect.closeTo(expected.losses.masked, 4),
      annotations: Object.fromEntries(
        Object.entries(expected.losses.annotations).map(([name, loss]) => [
          name,
          loss === null ? null : expect.closeTo(loss, 4),
        ]),
      ),
    });
    expect(actual.norm / expected.norm).toBeCloseTo(1, 4);
    expectNear(actual.tensors, expected.tensors, 1e-3);
    await trainer.step(batches, SETTINGS);
    await reference.step(batches, SETTINGS);
  }
  expectNear(await trainer.modelWeights(), await reference.modelWeights(), 1e-3);
  const [evaluated, expected] = [await trainer.evaluate(batches[0]), await reference.evaluate(batches[0])];
  for (const [name, logits] of Object.entries(expected.logits))
    expect(errorInNorm(evaluated.logits[name], logits), name).toBeLessThanOrEqual(1e-3);
  expect(evaluated.losses.total / expected.losses.total).toBeCloseTo(1, 3);
  trainer.destroy();
  reference.destroy();
}

describe('the trainer on lavapipe', () => {
  it.each(['g', 'binned', 'rank'] as const)('learns as the reference does, %s, sizes odd', (kind) =>
    expectLikeReference(smallConfig(kind), EVERYTHING),
  );

  it.each(TRAINABLES.slice(1))('learns only what it is told to, %o', (trainable) =>
    expectLikeReference(smallConfig('rank', { pre_norm: true }), { ...EVERYTHING, trainable }),
  );

  it('learns heads beside others that do not', () =>
    expectLikeReference(smallConfig('g'), {
      ...EVERYTHING,
      weights: { masked: 0, annotations: { disease: 2 } },
    }));

  it.each([false, true])('drops the same elements as the reference, checkpointing %s', (checkpointing) =>
    expectLikeReference(smallConfig('binned'), { ...EVERYTHING, checkpointing, dropout: 0.2 }),
  );

  it('drops in an adapted model', () =>
    expectLikeReference(smallConfig('g', { layer_activation: 'relu' }), {
      ...{ ...EVERYTHING, trainable: TRAINABLES[4] },
      ...{ checkpointing: true, dropout: 0.2 },
    }));
});

describe('a training run', () => {
  const config = smallConfig('g');
  const batches = batchesOf(config);
  const run = async (trainer: Trainer, steps: number) => {
    const losses: number[] = [];
    for (let i = 0; i < steps; i++) losses.push((await trainer.step(batches, SETTINGS)).losses.total);
    return losses;
  };

  it('repeats exactly, whatever the command buffers', async () => {
    const options = { ...EVERYTHING, dropout: 0.1 };
    const [a, b] = [await trainerOf(config, options), await trainerOf(config, options, { submitFlops: 1e6 })];
    expect(await run(a, 3)).toEqual(await run(b, 3));
    expect(await a.modelWeights()).toEqual(await b.modelWeights());
    a.destroy();
    b.destroy();
  });

  it.each([EVERYTHING, { ...EVERYTHING, trainable: TRAINABLES[4], dropout: 0.1 }])(
    'goes on from a snapshot to the bit, %o',
    async (options) => {
      const [first, second] = [await trainerOf(config, options), await trainerOf(config, options)];
      await run(first, 2);
      await second.restore(await first.snapshot());
      expect(await run(second, 2)).toEqual(await run(first, 2));
      expect(await second.snapshot()).toEqual(await first.snapshot());
      first.destroy();
      second.destroy();
    },
  );

  it('refuses the state of another trainer and stays as it is', async () => {
    const [all, heads] = [
      await trainerOf(config, EVERYTHING),
      await trainerOf(config, { ...EVERYTHING, trainable: { kind: 'heads' } }),
    ];
    const before = await all.snapshot();
    await expect(all.restore(await heads.snapshot())).rejects.toThrow(RangeError);
    expect(await all.snapshot()).toEqual(before);
    all.destroy();
    heads.destroy();
  });

  it('leaves the weights as they are where a gradient is not a number', async () => {
    const trainer = await trainerOf(config, EVERYTHING);
    const good = await trainer.snapshot();
    const name = 'encoder.layers.1.linear1.weight';
    const spoilt = good.weights.map((tensor) =>
      tensor.name === name ? { ...tensor, data: tensor.data.map(() => Number.NaN) } : tensor,
    );
    await trainer.restore({ ...good, weights: spoilt });
    const { gradientNorm } = await trainer.step(batches, SETTINGS);
    expect(gradientNorm).toBeNaN();
    expect(await trainer.snapshot()).toEqual({ ...good, weights: spoilt });
    trainer.destroy();
  });

  it('is stopped by its signal with the weights of the step before', async () => {
    const trainer = await trainerOf(config, EVERYTHING);
    const before = await trainer.snapshot();
    await expect(trainer.step(batches, SETTINGS, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
    expect(await trainer.snapshot()).toEqual(before);
    trainer.destroy();
  });
});

describe('memory on the device', () => {
  it.each([false, true])('is as predicted, checkpointing %s', async (checkpointing) => {
    const watched = watchGpu(await gpuOn('lavapipe'));
    const watchedContext = await acquireGpu(watched.gpu);
    const config = smallConfig('g', { d_model: 32, nheads: 4, d_hid: 64, nlayers: 4 });
    const options = { ...EVERYTHING, checkpointing };
    const trainer = await createWebGpuTrainer(
      ...([watchedContext, config, smallWeights(config), ANNOTATION_IDS, options] as const),
    );
    await trainer.step([smallBatch(config, new Array(20).fill(90))], SETTINGS);
    const seen = [...watched.live].reduce((sum, { size }) => sum + size, 0);
    expect(trainer.deviceBytes).toBe(seen);
    const predicted = estimateTrainingBytes(config, options, { cells: 20, genesPerCell: 90 });
    expect(trainer.deviceBytes / predicted).toBeGreaterThan(0.85);
    expect(trainer.deviceBytes / predicted).toBeLessThan(1.15);
    trainer.destroy();
    watchedContext.destroy();
  });
});
