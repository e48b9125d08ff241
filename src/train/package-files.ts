import type { NamedTensor } from '../engine/trainer.ts';
import type { ModelConfig } from '../model/config.ts';
import { type TensorToWrite, writeSafetensors } from '../model/safetensors-writer.ts';
import type { TrainableModel } from './base-model.ts';
import type { TrainConfig } from './config.ts';

/** A file of a model package. */
export interface PackageFile {
  readonly path: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

/** Beyond this half-precision numbers are infinite. */
const GREATEST_HALF = 65_504;

/**
 * The files a package cannot do without: the model as it was trained, tensors that were not read (a decoder without a
 * masked loss) as the base has them.
 * @param trained the trainer's `modelWeights`
 * @throws RangeError where a weight is too large for float16
 */
export async function modelFiles(
  model: TrainableModel,
  trained: readonly NamedTensor[],
  { weights: dtype, dropout }: Pick<TrainConfig, 'weights' | 'dropout'>,
): Promise<PackageFile[]> {
  const byName = new Map(trained.map((tensor) => [tensor.name, tensor]));
  const tensors: TensorToWrite[] = [];
  for (const [name, { shape }] of model.weights.tensors) {
    const data = byName.get(name)?.data ?? (await model.weights.read(name));
    if (dtype === 'f16' && data.some((value) => Math.abs(value) > GREATEST_HALF))
      throw new RangeError(`${name} has weights too large for float16: choose float32`);
    tensors.push({ name, shape, dtype: dtype === 'f16' ? 'F16' : 'F32', data });
  }
  return [
    textFile('config.json', json(configJson(model.config, dropout))),
    textFile('vocab.txt', `${model.vocabulary.tokens().join('\n')}\n`),
    textFile('added_tokens.json', json(Object.fromEntries(model.vocabulary.special))),
    textFile('gene_medians.json', json(Object.fromEntries(model.medians))),
    { path: 'model.safetensors', content: writeSafetensors(tensors) },
  ];
}

export function textFile(path: string, text: string): PackageFile {
  return { path, content: new TextEncoder().encode(text) };
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

/** `config.json` in the names of the released file. */
export function configJson(config: ModelConfig, dropout: number): Readonly<Record<string, unknown>> {
  return {
    model_type: config.modelType,
    ntoken: config.nToken,
    d_model: config.dModel,
    nheads: config.nHeads,
    d_hid: config.dHid,
    nlayers: config.nLayers,
    max_position_embeddings: config.maxPositionEmbeddings,
    layer_activation: config.layerActivation,
    pre_norm: config.preNorm,
    layer_norm_eps: config.layerNormEps,
    dropout,
    bins: config.bins,
    continuous_rank: config.continuousRank,
    annotations: config.annotations,
  };
}
