import { describe, expect, it } from 'vitest';
import { cellByCell } from '../../../../src/cli/golden-training.ts';
import { createReferenceTrainer } from '../../../../src/engine/reference/training/trainer.ts';
import type {
  NamedTensor,
  OptimiserSettings,
  TrainBatch,
  Trainer,
  TrainerOptions,
} from '../../../../src/engine/trainer.ts';
import type { ModelConfig } from '../../../../src/model/config.ts';
import type { WeightSource } from '../../../../src/model/weights.ts';
import {
  randomBatch,
  randomWeights,
  tinyAnnotationIds,
  tinyConfig,
  X_RANK,
} from '../../support/tiny-model.ts';

const SETTINGS: OptimiserSettings = {
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.999,
  eps: 1e-8,
  weightDecay: 0.1,
  clipGlobalNorm: 1,
  seed: 3,
};
const OPTIONS: TrainerOptions = {
  trainable: { kind: 'all' },
  weights: { masked: 1, annotations: { disease: 1, sex: 0.5 } },
  checkpointing: false,
  dropout: 0,
};
const config = tinyConfig();
const batch = randomBatch(config, [7, 1, 9, 4], 21);

function train(
  options: Partial<TrainerOptions> = {},
  weights: WeightSource = randomWeights(config, 5),
  model: ModelConfig = config,
): Promise<Trainer> {
  return createReferenceTrainer(model, weights, tinyAnnotationIds(model), { ...OPTIONS, ...options });
}

const named = (tensors: readonly NamedTensor[]) => new Map(tensors.map(({ name, data }) => [name, data]));

/** Largest difference of two lists of tensors of the same names; Infinity where a number is none. */
function distance(a: readonly NamedTensor[], b: readonly NamedTensor[]): number {
  const others = named(b);
  expect([...others.keys()]).toEqual(a.map(({ name }) => name));
  let most = 0;
  for (const { name, data } of a)
    for (const [i, value] of data.entries()) {
      const difference = Math.abs(value - (others.get(name)?.[i] ?? Number.NaN));
      if (!(difference <= most)) most = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    }
  return most;
}

/** A package's weights made of tensors. */
function sourceOf(tensors: readonly NamedTensor[]): WeightSource {
  const values = named(tensors);
  return {
    tensors: new Map(tensors.map(({ name, shape }) => [name, { dtype: 'F32', shape }])),
    read: async (name) => values.get(name)!.slice(),
  };
}

describe('micro-batches', () => {
  it.each([
    ['G', config],
    ['X rank', tinyConfig(X_RANK)],
  ])('%s: one and four give the same losses and gradients', async (_, model) => {
    const whole = randomBatch(model, [7, 1, 9, 4], 22);
    const trainer = await train({}, randomWeights(model, 5), model);
    const parts = cellByCell(whole);
    // What the division has to get right: parts that hold no hidden token, or no label.
    expect(parts.some(({ masked }) => masked.length === 0)).toBe(true);
    expect(parts.some(({ labels }) => labels.disease[0] < 0)).toBe(true);
    const one = await trainer.gradients([whole], 0);
    const four = await trainer.gradients(parts, 0);
    expect(four.losses.total).toBeCloseTo(one.losses.total, 12);
    expect(four.norm).toBeCloseTo(one.norm, 10);
    expect(distance(one.tensors, four.tensors)).toBeLessThanOrEqual(1e-6);
  });

  it('a step of none but empty cells has no losses and no gradient', async () => {
    const trainer = await train();
    const { losses, norm } = await trainer.gradients([randomBatch(config, [], 1)], 0);
    expect(losses).toMatchObject({ total: 0, masked: null, annotations: { disease: null, sex: null } });
    expect(norm).toBe(0);
  });
});

describe('losses', () => {
  it('counts labelled cells alone, and says null where none is or the loss weighs nothing', async () => {
    const labels = { disease: Int32Array.of(-1, -1, -1, -1), sex: Int32Array.of(-1, 1, -1, 0) };
    const trainer = await train({ weights: { masked: 0, annotations: { disease: 1, sex: 1 } } });
    const { losses, tensors } = await trainer.gradients([{ ...batch, labels }], 0);
    expect(losses.masked).toBeNull();
    expect(losses.annotations.disease).toBeNull();
    expect(losses.labelled).toEqual({ disease: 0, sex: 2 });
    expect(losses.total).toBe(losses.annotations.sex);
    const gradients = named(tensors);
    expect(gradients.get('annotation_heads.disease.weight')?.every((value) => value === 0)).toBe(true);
    expect(gradients.get('annotation_heads.sex.weight')?.some((value) => value !== 0)).toBe(true);
    expect(gradients.has('decoder_head.weight')).toBe(false);
    // The cell whose label is unknown changes nothing but what it changes as a neighbour: it has none.
    const [, second, , fourth] = cellByCell({ ...batch, labels });
    const alone = await trainer.gradients([second, fourth], 0);
    expect(alone.losses.total).toBeCloseTo(losses.total, 12);
    expect(distance(alone.tensors, tensors)).toBeLessThanOrEqual(1e-6);
  });

  it('labels that a batch does not name are unknown', async () => {
    const trainer = await train();
    const { losses } = await trainer.evaluate({ ...batch, labels: {} });
    expect(losses.labelled).toEqual({ disease: 0, sex: 0 });
    expect(losses.total).toBe(losses.masked);
  });

  it('adds up as weighted', async () => {
    const { losses } = await (await train()).evaluate(batch);
    const { masked, annotations, maskedTokens } = losses;
    expect(losses.total).toBeCloseTo(masked! + annotations.disease! + 0.5 * annotations.sex!, 12);
    expect(maskedTokens).toBe(batch.masked.length);
  });

  it('counts hidden tokens predicted right', async () => {
    const trainer = await train({ weights: { masked: 1, annotations: {} } });
    for (let step = 0; step < 60; step++) await trainer.step([batch], SETTINGS);
    const { losses } = await trainer.evaluate(batch);
    expect(losses.maskedRight).toBe(batch.masked.length);
    expect(losses.masked).toBeLessThan(0.3);
  });
});

describe('what learns', () => {
  it.each([
    ['heads', { kind: 'heads' }],
    ['the last layer', { kind: 'last-layers', layers: 1 }],
    ['no layer', { kind: 'last-layers', layers: 0 }],
  ] as const)('%s: every other tensor stays as it was, bit for bit', async (_, trainable) => {
    const weights = randomWeights(config, 5);
    const trainer = await train({ trainable, weights: { masked: 1, annotations: { disease: 1 } } }, weights);
    const { gradientNorm } = await trainer.step([batch], SETTINGS);
    expect(gradientNorm).toBeGreaterThan(0);
    const learning = new Set(trainer.learning);
    expect(learning.has('annotation_heads.sex.weight')).toBe(false);
    expect(learning.has('annotation_heads.disease.weight')).toBe(true);
    for (const { name, data } of await trainer.modelWeights()) {
      const before = await weights.read(name);
      if (learning.has(name)) expect(data, name).not.toEqual(before);
      else expect(data, name).toEqual(before);
    }
  });

  it('gradients of a part are those of the whole', async () => {
    const whole = named((await (await train()).gradients([batch], 0)).tensors);
    const part = await train({ trainable: { kind: 'last-layers', layers: 2 } });
    for (const { name, data } of (await part.gradients([batch], 0)).tensors)
      expect(data, name).toEqual(whole.get(name));
  });

  it('adapters start as the model, learn, and leave merged', async () => {
    const weights = randomWeights(config, 5);
    const lora = { kind: 'lora', lora: { rank: 2, alpha: 8, seed: 1 } } as const;
    const trainer = await train({ trainable: lora }, weights);
    for (const { name, data } of await trainer.modelWeights())
      expect(data, name).toEqual(await weights.read(name));
    const first = await trainer.step([batch], SETTINGS);
    for (let step = 0; step < 10; step++) await trainer.step([batch], SETTINGS);
    const { losses, logits } = await trainer.evaluate(batch);
    expect(losses.total).toBeLessThan(first.losses.total);
    expect(trainer.learning.filter((name) => name.startsWith('lora.'))).toHaveLength(8 * config.nLayers);
    const merged = await train({}, sourceOf(await trainer.modelWeights()));
    const again = await merged.evaluate(batch);
    expect(again.losses.total).toBeCloseTo(losses.total, 5);
    for (const [i, logit] of logits.disease.entries()) expect(again.logits.disease[i]).toBeCloseTo(logit, 4);
    const { weights: state } = await trainer.snapshot();
    expect(state.map(({ name }) => name)).toEqual(trainer.learning);
    expect(state.find(({ name }) => name.endsWith('linear1.weight.a'))?.shape).toEqual([2, config.dModel]);
    expect(state.find(({ name }) => name.endsWith('linear1.weight.b'))?.shape).toEqual([config.dHid, 2]);
  });
});

it.each([0.01, 1e6])('a step is AdamW of gradients clipped to a norm of %f', async (clipGlobalNorm) => {
  const weights = randomWeights(config, 5);
  const trainer = await train({}, weights);
  const { norm, tensors } = await trainer.gradients([batch], 0);
  await trainer.step([batch], { ...SETTINGS, clipGlobalNorm });
  const { steps, weights: after, firstMoments, secondMoments } = await trainer.snapshot();
  expect(steps).toBe(1);
  const { learningRate: rate, weightDecay, eps } = SETTINGS;
  for (const [k, { name, shape, data }] of tensors.entries()) {
    const before = await weights.read(name);
    for (const [i, gradient] of data.entries()) {
      const g = gradient * Math.min(1, clipGlobalNorm / norm);
      expect(firstMoments[k].data[i]).toBeCloseTo(0.1 * g, 7);
      expect(secondMoments[k].data[i]).toBeCloseTo(0.001 * g * g, 7);
      // After one step the corrected moments are the gradient and its square.
      const decayed = before[i] * (shape.length > 1 ? 1 - rate * weightDecay : 1);
      expect(after[k].data[i]).toBeCloseTo(decayed - (rate * g) / (Math.abs(g) + eps), 6);
    }
  }
});

describe('dropout', () => {
  it('is a function of the seed, and evaluation has none', async () => {
    const trainer = await train({ dropout: 0.3 });
    const totalOf = async (seed: number) => (await trainer.gradients([batch], seed)).losses.total;
    expect(await totalOf(1)).toBe(await totalOf(1));
    expect(await totalOf(1)).not.toBe(await totalOf(2));
    const without = await train();
    expect((await trainer.evaluate(batch)).losses).toEqual((await without.evaluate(batch)).losses);
  });

  it('differs between the cells of a batch', async () => {
    const trainer = await train({ dropout: 0.3, weights: { masked: 1, annotations: {} } });
    const [cell] = cellByCell(batch);
    const twice: TrainBatch = {
      cuSeqlens: Uint32Array.of(0, cell.geneIds.length, 2 * cell.geneIds.length),
      geneIds: Uint32Array.from([...cell.geneIds, ...cell.geneIds]),
      masked: Uint32Array.from([...cell.masked, ...cell.masked.map((token) => token + cell.geneIds.length)]),
      targets: Float32Array.from([...cell.targets, ...cell.targets]),
      labels: {},
    };
    const once = (await trainer.gradients([cell], 1)).losses.total;
    expect((await trainer.gradients([twice], 1)).losses.total).not.toBeCloseTo(once, 6);
    expect((await trainer.evaluate(twice)).losses.total).toBeCloseTo(
      (await trainer.evaluate(cell)).losses.total,
      12,
    );
  });

  it('differs between micro-batches of the same cells', async () => {
    const trainer = await train({ dropout: 0.3 });
    const [cell] = cellByCell(batch);
    const once = (await trainer.gradients([cell], 1)).losses.total;
    expect((await trainer.gradients([cell, cell], 1)).losses.total).not.toBeCloseTo(once, 6);
  });
});

describe('state', () => {
  it('goes on from a snapshot as if it had never stopped', async () => {
    const lora = { kind: 'lora', lora: { rank: 2, alpha: 4, seed: 1 } } as const;
    for (const trainable of [OPTIONS.trainable, lora]) {
      const options = { trainable, dropout: 0.1 };
      const first = await train(options);
      for (let step = 0; step < 3; step++) await first.step([batch], { ...SETTINGS, seed: step });
      const second = await train(options);
      await second.restore(await first.snapshot());
      for (let step = 3; step < 6; step++) {
        const settings = { ...SETTINGS, seed: step };
        const [a, b] = [await first.step([batch], settings), await second.step([batch], settings)];
        expect(b.losses.total / a.losses.total).toBeCloseTo(1, 5);
      }
      expect((await second.snapshot()).steps).toBe(6);
    }
  });

  it("refuses another model's state and stays as it was", async () => {
    const trainer = await train({ trainable: { kind: 'heads' } });
    const before = await trainer.snapshot();
    const whole = await (await train()).snapshot();
    await expect(trainer.restore(whole)).rejects.toThrow(RangeError);
    const [missing, ...others] = before.weights;
    const parts = { ...before, secondMoments: others };
    await expect(trainer.restore(parts)).rejects.toThrow(missing.name);
    const changed = before.weights.map((tensor) => ({ ...tensor, data: tensor.data.map(() => 9) }));
    await expect(trainer.restore({ ...parts, weights: changed })).rejects.toThrow(RangeError);
    expect(await trainer.snapshot()).toEqual(before);
  });

  it('a step whose gradient is not finite changes nothing', async () => {
    const tensors = await (await train()).modelWeights();
    const broken = tensors.map((tensor) =>
      tensor.name === 'decoder_bias' ? { ...tensor, data: tensor.data.map(() => Number.NaN) } : tensor,
    );
    const trainer = await train({}, sourceOf(broken));
    const before = await trainer.snapshot();
    const { losses, gradientNorm } = await trainer.step([batch], SETTINGS);
    expect(gradientNorm).toBeNaN();
    expect(losses.total).toBeNaN();
    expect(await trainer.snapshot()).toEqual(before);
  });

  it('an aborted step changes nothing', async () => {
    const trainer = await train();
    const before = await trainer.snapshot();
    const reason = new Error('enough');
    await expect(trainer.step([batch], SETTINGS, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await trainer.snapshot()).toEqual(before);
  });

  it("a batch that is not the model's is refused", async () => {
    const trainer = await train();
    const odd: TrainBatch = { ...batch, labels: { disease: Int32Array.of(0, 1, 3, 0) } };
    await expect(trainer.step([odd], SETTINGS)).rejects.toMatchObject({ code: 'labels' });
  });
});
