import { Random } from '../../../src/analysis/random.ts';
import type { TrainBatch } from '../../../src/engine/trainer.ts';
import { maskedHeadTensors } from '../../../src/engine/training-tensors.ts';
import { type ModelConfig, parseConfig } from '../../../src/model/config.ts';
import { encoderTensors } from '../../../src/model/encoder-tensors.ts';
import type { TensorInfo, WeightSource } from '../../../src/model/weights.ts';

/** Fields of config.json that make the tiny model another one. */
export type TinyFields = Readonly<Record<string, unknown>>;

/** A model of odd sizes, small enough for finite differences: TEDDY-G, post-norm, GELU unless said. */
export function tinyConfig(fields: TinyFields = {}): ModelConfig {
  return parseConfig({
    model_type: 'teddy_g',
    d_model: 6,
    nheads: 2,
    d_hid: 7,
    nlayers: 3,
    ntoken: 15,
    max_position_embeddings: 9,
    annotations: { disease: ['a', 'b', 'c'], sex: ['f', 'm'] },
    ...fields,
  });
}

export const X_BINNED: TinyFields = { model_type: 'teddy_x', bins: 5 };
export const X_RANK: TinyFields = { model_type: 'teddy_x', continuous_rank: true };

/** Ids of the annotation tokens of the tiny model. */
export function tinyAnnotationIds({ annotations, nToken }: ModelConfig): number[] {
  return Object.keys(annotations).map((_, k) => nToken - 1 - k);
}

/** All tensors of a model with random values: norms near 1, others of a size that keeps activations near 1. */
export function randomWeights(config: ModelConfig, seed: number): WeightSource {
  const random = new Random(seed);
  const tensors = new Map<string, TensorInfo>();
  const values = new Map<string, Float32Array<ArrayBuffer>>();
  for (const [name, shape] of [...encoderTensors(config), ...maskedHeadTensors(config)]) {
    const count = shape.reduce((product, n) => product * n, 1);
    const base = /norm\d\.weight$/.test(name) ? 1 : 0;
    tensors.set(name, { dtype: 'F32', shape });
    values.set(
      name,
      Float32Array.from({ length: count }, () => base + 0.9 * (2 * random.uniform() - 1)),
    );
  }
  return {
    tensors,
    async read(name) {
      const found = values.get(name);
      if (found === undefined) throw new Error(`there is no tensor ${name}`);
      return found.slice();
    },
  };
}

/** Cells of these lengths with random tokens; about 30 % hidden, a third of the labels unknown. */
export function randomBatch(config: ModelConfig, lengths: readonly number[], seed: number): TrainBatch {
  const random = new Random(seed);
  const cuSeqlens = Uint32Array.from([0, ...lengths]);
  for (let cell = 1; cell < cuSeqlens.length; cell++) cuSeqlens[cell] += cuSeqlens[cell - 1];
  const tokens = cuSeqlens[lengths.length];
  const genes = config.nToken - Object.keys(config.annotations).length;
  const masked = Uint32Array.from({ length: tokens }, (_, token) => token).filter(() => random.below(10) < 3);
  const value = () =>
    config.valueInput === 'rank' ? 2 * random.uniform() - 1 : 1 + random.below(config.bins);
  const values = Float32Array.from({ length: tokens }, value);
  for (const token of masked) values[token] = config.valueInput === 'rank' ? Number.NaN : 0;
  return {
    cuSeqlens,
    geneIds: Uint32Array.from({ length: tokens }, () => random.below(genes)),
    ...(config.valueInput === 'none' ? {} : { values }),
    masked,
    targets: Float32Array.from(masked, () => (config.valueInput === 'none' ? random.below(genes) : value())),
    labels: Object.fromEntries(
      Object.entries(config.annotations).map(([name, { length }]) => [
        name,
        Int32Array.from(lengths, () => (random.below(3) === 0 ? -1 : random.below(length))),
      ]),
    ),
  };
}
