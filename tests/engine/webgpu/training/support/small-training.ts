import fc from 'fast-check';
import type { Trainable, TrainBatch, TrainerOptions } from '../../../../../src/engine/trainer.ts';
import { trainingTensors } from '../../../../../src/engine/training-tensors.ts';
import { randomFloats } from '../../../../../src/engine/webgpu/cases/kernel-case.ts';
import { type ModelConfig, parseConfig } from '../../../../../src/model/config.ts';
import type { WeightSource } from '../../../../../src/model/weights.ts';

/** Ids of the annotation tokens of `smallConfig`. */
export const ANNOTATION_IDS = [40, 41];

/** A model whose sizes are multiples of nothing: d 10, heads of 5, hidden 14. */
export function smallConfig(
  kind: 'g' | 'binned' | 'rank',
  changes: Record<string, unknown> = {},
): ModelConfig {
  return parseConfig({
    model_type: kind === 'g' ? 'teddy_g' : 'teddy_x',
    d_model: 10,
    nheads: 2,
    d_hid: 14,
    nlayers: 3,
    ntoken: 43,
    max_position_embeddings: 90,
    bins: kind === 'binned' ? 5 : 0,
    continuous_rank: kind === 'rank',
    annotations: { disease: ['a', 'b', 'c'], sex: ['f', 'm'] },
    ...changes,
  });
}

/** Cells of these many genes, a seventh hidden; the last cell has no label of disease, none has one of sex but the first. */
export function smallBatch(config: ModelConfig, lengths: readonly number[], salt = 1): TrainBatch {
  const cuSeqlens = new Uint32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) cuSeqlens[i + 1] = cuSeqlens[i] + length;
  const tokens = cuSeqlens[lengths.length];
  const noise = randomFloats(salt, 3 * tokens + 3);
  const below = (i: number, limit: number) => Math.floor(((noise[i] + 1) / 2) * limit * 0.9999);
  const masked = Uint32Array.from({ length: tokens }, (_, i) => i).filter((i) => i % 7 === 2);
  const shown = {
    none: () => 0,
    binned: (i: number) => 1 + below(tokens + i, config.bins),
    rank: (i: number) => noise[tokens + i],
  }[config.valueInput];
  const values = Float32Array.from({ length: tokens }, (_, i) => shown(i));
  const geneIds = Uint32Array.from({ length: tokens }, (_, i) => below(i, 39));
  const targets = Float32Array.from(masked, (i) => (config.valueInput === 'none' ? geneIds[i] : values[i]));
  for (const i of masked)
    if (config.valueInput === 'none') geneIds[i] = 42;
    else values[i] = config.valueInput === 'binned' ? 0 : Number.NaN;
  const last = lengths.length - 1;
  return {
    cuSeqlens,
    geneIds,
    ...(config.valueInput === 'none' ? {} : { values }),
    masked,
    targets,
    labels: {
      disease: Int32Array.from(lengths, (_, cell) => (cell === last && cell > 0 ? -1 : cell % 3)),
      sex: Int32Array.from(lengths, (_, cell) => (cell === 0 ? 1 : -1)),
    },
  };
}

/** Random weights, the norms' scales about one. */
export function smallWeights(config: ModelConfig): WeightSource {
  const shapes = trainingTensors(config, { masked: 1, annotations: {} });
  const tensors = new Map([...shapes].map(([name, shape]) => [name, { dtype: 'F32' as const, shape }]));
  const all = new Map(
    [...shapes].map(([name, shape], salt) => {
      const count = shape.reduce((product, n) => product * n, 1);
      const base = /norm\d\.weight$/.test(name) ? 1 : 0;
      return [name, randomFloats(1000 * salt, count).map((value) => base + 0.5 * value)];
    }),
  );
  return {
    tensors,
    async read(name, start = 0, end) {
      const info = tensors.get(name);
      const values = all.get(name);
      if (info === undefined || values === undefined) throw new Error(`no tensor ${name}`);
      const columns = values.length / info.shape[0];
      return values.slice(start * columns, (end ?? info.shape[0]) * columns);
    },
  };
}

/** What is trained, for a model of three layers. */
export const TRAINABLES: readonly Trainable[] = [
  { kind: 'all' },
  { kind: 'heads' },
  { kind: 'last-layers', layers: 1 },
  { kind: 'last-layers', layers: 2 },
  { kind: 'lora', lora: { rank: 3, alpha: 6, seed: 5 } },
];

/** Options with every loss on, everything learning, nothing dropped. */
export const EVERYTHING: TrainerOptions = {
  trainable: { kind: 'all' },
  weights: { masked: 1, annotations: { disease: 1, sex: 0.5 } },
  checkpointing: false,
  dropout: 0,
};

/** Any model, options and cells. */
export const anyTraining = fc
  .record({
    kind: fc.constantFrom('g' as const, 'binned' as const, 'rank' as const),
    pre_norm: fc.boolean(),
    nlayers: fc.integer({ min: 1, max: 4 }),
    trainable: fc.constantFrom(...TRAINABLES),
    masked: fc.constantFrom(0, 1),
    disease: fc.constantFrom(0, 1),
    checkpointing: fc.boolean(),
    dropout: fc.constantFrom(0, 0.1),
    lengths: fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 4 }),
    budget: fc.constantFrom(1e4, 1e9),
  })
  .map(({ kind, pre_norm, nlayers, lengths, budget, masked, disease, ...rest }) => {
    const config = smallConfig(kind, { pre_norm, nlayers });
    const options: TrainerOptions = { ...rest, weights: { masked, annotations: { disease, sex: 0 } } };
    return { config, options, lengths, budget };
  });
