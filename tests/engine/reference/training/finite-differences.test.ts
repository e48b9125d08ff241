import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/analysis/random.ts';
import { createReferenceTrainer } from '../../../../src/engine/reference/training/trainer.ts';
import type { NamedTensor, TrainerOptions } from '../../../../src/engine/trainer.ts';
import type { ModelConfig } from '../../../../src/model/config.ts';
import {
  randomBatch,
  randomWeights,
  tinyAnnotationIds,
  tinyConfig,
  X_BINNED,
  X_RANK,
} from '../../support/tiny-model.ts';

const SEED = 77;
/** Half the distance between the two losses of a difference: near, because of ReLU's kinks and rows that hardly vary. */
const STEP = 2e-5;

/**
 * For each learning tensor, along a random direction: the difference of two losses beside what the gradient says of
 * the same two points (weights are float32 outside, losses float64).
 */
async function worstDifference(config: ModelConfig, options: TrainerOptions) {
  const weights = randomWeights(config, SEED);
  const trainer = await createReferenceTrainer(config, weights, tinyAnnotationIds(config), options);
  // Lengths of one, none and all positions; two micro-batches, so that masks of dropout differ.
  const batches = [randomBatch(config, [5, 1, 9], SEED), randomBatch(config, [0, 8], SEED + 1)];
  const state = await trainer.snapshot();
  // B of an adapter starts at zero, which would leave A without a gradient.
  const random = new Random(SEED);
  const start = state.weights.map(({ name, shape, data }) => ({
    name,
    shape,
    data: name.endsWith('.b') ? data.map(() => random.uniform() - 0.5) : data,
  }));
  const lossAt = async (moved: NamedTensor) => {
    const all = start.map((tensor) => (tensor.name === moved.name ? moved : tensor));
    await trainer.restore({ ...state, weights: all });
    return (await trainer.gradients(batches, SEED)).losses.total;
  };
  await trainer.restore({ ...state, weights: start });
  const { tensors } = await trainer.gradients(batches, SEED);
  expect(tensors.map(({ name }) => name)).toEqual(trainer.learning);
  const errors: { name: string; error: number; slope: number }[] = [];
  for (const [k, tensor] of start.entries()) {
    const direction = Float64Array.from(tensor.data, () => 2 * random.uniform() - 1);
    const up = tensor.data.map((value, i) => value + STEP * direction[i]);
    const down = tensor.data.map((value, i) => value - STEP * direction[i]);
    const measured = (await lossAt({ ...tensor, data: up })) - (await lossAt({ ...tensor, data: down }));
    const gradient = tensors[k].data;
    let expected = 0;
    for (let i = 0; i < up.length; i++) expected += gradient[i] * (up[i] - down[i]);
    errors.push({ name: tensor.name, error: Math.abs(measured - expected) / STEP, slope: expected / STEP });
  }
  return errors;
}

const all: TrainerOptions = {
  trainable: { kind: 'all' },
  weights: { masked: 0.7, annotations: { disease: 1.3, sex: 0.4 } },
  checkpointing: false,
  dropout: 0,
};
const lora = { kind: 'lora', lora: { rank: 2, alpha: 3, seed: 5 } } as const;

describe('gradients beside finite differences, every tensor', () => {
  it.each([
    ['G', tinyConfig(), all],
    ['G with dropout', tinyConfig(), { ...all, dropout: 0.3 }],
    ['G, pre-norm, ReLU', tinyConfig({ pre_norm: true, layer_activation: 'relu' }), all],
    ['G, pre-norm with dropout', tinyConfig({ pre_norm: true }), { ...all, dropout: 0.2 }],
    ['G without annotations, three heads', tinyConfig({ annotations: {}, nheads: 3 }), all],
    ['X binned', tinyConfig(X_BINNED), all],
    ['X binned, pre-norm', tinyConfig({ ...X_BINNED, pre_norm: true }), all],
    ['X rank', tinyConfig(X_RANK), all],
    ['X rank, ReLU', tinyConfig({ ...X_RANK, layer_activation: 'relu' }), { ...all, dropout: 0.1 }],
    ['annotations alone', tinyConfig(), { ...all, weights: { masked: 0, annotations: { sex: 1 } } }],
    ['heads', tinyConfig(), { ...all, trainable: { kind: 'heads' } }],
    ['the last two layers', tinyConfig(), { ...all, trainable: { kind: 'last-layers', layers: 2 } }],
    ['adapters', tinyConfig(), { ...all, trainable: lora }],
    [
      'adapters, pre-norm, X rank, dropout',
      tinyConfig({ ...X_RANK, pre_norm: true }),
      { ...all, trainable: lora, dropout: 0.25 },
    ],
  ] satisfies [string, ModelConfig, TrainerOptions][])('%s', async (_, config, options) => {
    const errors = await worstDifference(config, options);
    expect(errors.length).toBeGreaterThan(2);
    const wrong = errors.filter(({ error, slope }) => !(error <= 2e-6 * Math.max(1, Math.abs(slope))));
    expect(wrong).toEqual([]);
    // A test in which every slope is nothing would prove nothing.
    expect(errors.filter(({ slope }) => Math.abs(slope) > 1e-3).length).toBeGreaterThan(errors.length / 2);
  });
});
