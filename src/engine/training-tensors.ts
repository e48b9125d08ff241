import type { ModelConfig } from '../model/config.ts';
import { encoderTensors } from '../model/encoder-tensors.ts';
import { GOLDEN_RATIO, murmurFinaliser } from './murmur3.ts';
import type { LossWeights, TrainerOptions } from './trainer.ts';

/** Name → shape in PyTorch's layout, in the order of the package. */
export type TensorShapes = ReadonlyMap<string, readonly number[]>;

/** The part that predicts hidden tokens: G the masked-gene decoder, X the value head. */
export function maskedHeadTensors(config: ModelConfig): TensorShapes {
  const { dModel: d, nToken, bins, valueInput } = config;
  if (valueInput === 'none')
    return new Map([
      ['decoder_head.weight', [nToken, d]],
      ['decoder_bias', [nToken]],
    ]);
  const outputs = valueInput === 'binned' ? bins + 1 : 1;
  return new Map([
    ['value_head.weight', [outputs, d]],
    ['value_head.bias', [outputs]],
  ]);
}

/** Every tensor a trainer reads: the encoder's and, where the masked loss counts, those of its head. */
export function trainingTensors(config: ModelConfig, weights: LossWeights): TensorShapes {
  return new Map([...encoderTensors(config), ...(weights.masked > 0 ? maskedHeadTensors(config) : [])]);
}

/** The matrices of layer `layer` that have adapters beside them with `lora`. */
function adaptedTensors(layer: number): readonly string[] {
  return ['self_attn.in_proj_weight', 'self_attn.out_proj.weight', 'linear1.weight', 'linear2.weight'].map(
    (name) => `encoder.layers.${layer}.${name}`,
  );
}

/** An adapter's matrices by the tensor it stands beside, in PyTorch's layout: a [rank, in], b [out, rank]. */
export function adapterNames(tensor: string): { readonly a: string; readonly b: string } {
  return { a: `lora.${tensor}.a`, b: `lora.${tensor}.b` };
}

/** Adapted tensor → its shape [out, in], in the package's order. */
export function adaptedShapes(config: ModelConfig): TensorShapes {
  const shapes = encoderTensors(config);
  const adapted = new Map<string, readonly number[]>();
  for (let layer = 0; layer < config.nLayers; layer++)
    for (const name of adaptedTensors(layer)) adapted.set(name, shapes.get(name) ?? []);
  return adapted;
}

/**
 * The tensors that learn, with their shapes, in the package's order (adapters where their tensors stand). A head whose
 * loss has weight 0 does not learn: it has no gradient, and decay alone would wear it away.
 */
export function learningTensors(
  config: ModelConfig,
  { trainable, weights }: Pick<TrainerOptions, 'trainable' | 'weights'>,
): TensorShapes {
  const learning = new Map<string, readonly number[]>();
  for (const [name, shape] of trainingTensors(config, weights)) {
    const head = /^annotation_heads\.(.+)\.(?:weight|bias)$/.exec(name);
    const layer = /^encoder\.layers\.(\d+)\./.exec(name);
    if (head) {
      if ((weights.annotations[head[1]] ?? 0) > 0) learning.set(name, shape);
    } else if (maskedHeadTensors(config).has(name) || trainable.kind === 'all') {
      learning.set(name, shape);
    } else if (trainable.kind === 'last-layers') {
      if (layer && Number(layer[1]) >= config.nLayers - trainable.layers) learning.set(name, shape);
    } else if (trainable.kind === 'lora' && layer && adaptedTensors(Number(layer[1])).includes(name)) {
      const { a, b } = adapterNames(name);
      learning.set(a, [trainable.lora.rank, shape[1]]);
      learning.set(b, [shape[0], trainable.lora.rank]);
    }
  }
  return learning;
}

/** Decoupled decay pulls at tensors of two or more dimensions alone. */
export function decays(shape: readonly number[]): boolean {
  return shape.length >= 2;
}

/**
 * First values of an adapter's A [rank, in], as PyTorch starts a linear layer: uniform in ±1/√in; element i is the
 * MurmurHash3 finaliser of FNV-1a(name) + seed + i · 0x9E3779B9.
 */
export function initialAdapter(
  name: string,
  [rank, columns]: readonly number[],
  seed: number,
): Float32Array<ArrayBuffer> {
  let start = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) start = Math.imul(start ^ byte, 0x01000193);
  start = (start + seed) | 0;
  const bound = 1 / Math.sqrt(columns);
  return Float32Array.from(
    { length: rank * columns },
    (_, i) => bound * (murmurFinaliser(start + Math.imul(i, GOLDEN_RATIO)) / 2 ** 31 - 1),
  );
}
