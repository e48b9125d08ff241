import type { ModelConfig } from './config.ts';
import { ModelError } from './errors.ts';
import type { WeightSource } from './weights.ts';

/**
 * Every tensor the encoder and its annotation heads read, with the shape `config` gives it
 * (linear weights are [out, in]); in the order they are used.
 */
export function encoderTensors(config: ModelConfig): ReadonlyMap<string, readonly number[]> {
  const { dModel: d, dHid, nToken, maxPositionEmbeddings, bins, valueInput } = config;
  const shapes = new Map<string, readonly number[]>([
    ['embeddings.weight', [nToken, d]],
    ['position_embeddings.weight', [maxPositionEmbeddings, d]],
  ]);
  if (valueInput === 'binned') shapes.set('value_embeddings.weight', [bins + 1, d]);
  if (valueInput === 'rank') {
    shapes.set('value_projection.weight', [d, 1]);
    shapes.set('value_projection.bias', [d]);
    shapes.set('value_mask', [d]);
  }
  for (let i = 0; i < config.nLayers; i++) {
    const layer = `encoder.layers.${i}`;
    shapes.set(`${layer}.self_attn.in_proj_weight`, [3 * d, d]);
    shapes.set(`${layer}.self_attn.in_proj_bias`, [3 * d]);
    shapes.set(`${layer}.self_attn.out_proj.weight`, [d, d]);
    shapes.set(`${layer}.self_attn.out_proj.bias`, [d]);
    shapes.set(`${layer}.linear1.weight`, [dHid, d]);
    shapes.set(`${layer}.linear1.bias`, [dHid]);
    shapes.set(`${layer}.linear2.weight`, [d, dHid]);
    shapes.set(`${layer}.linear2.bias`, [d]);
    for (const norm of ['norm1', 'norm2']) {
      shapes.set(`${layer}.${norm}.weight`, [d]);
      shapes.set(`${layer}.${norm}.bias`, [d]);
    }
  }
  for (const [name, classes] of Object.entries(config.annotations)) {
    shapes.set(`annotation_heads.${name}.weight`, [classes.length, d]);
    shapes.set(`annotation_heads.${name}.bias`, [classes.length]);
  }
  return shapes;
}

/** Tensors of masked-gene training: part of the layout, not read to embed. */
const TRAINING_TENSORS: ReadonlySet<string> = new Set([
  'decoder_head.weight',
  'decoder_bias',
  'value_head.weight',
  'value_head.bias',
]);

/**
 * Checks that the weights are those `config` describes.
 * @returns names of tensors that are neither the encoder's nor known training tensors
 * @throws ModelError 'tensor-missing' or 'tensor-shape' naming the tensor
 */
export function checkTensors(config: ModelConfig, weights: WeightSource): readonly string[] {
  const expected = encoderTensors(config);
  for (const [name, shape] of expected) {
    const found = weights.tensors.get(name)?.shape;
    if (!found) {
      throw new ModelError(
        'tensor-missing',
        `model.safetensors holds no F32, F16 or BF16 tensor ${name}`,
        name,
      );
    }
    if (found.length !== shape.length || found.some((n, i) => n !== shape[i])) {
      throw new ModelError(
        'tensor-shape',
        `tensor ${name} is [${found.join(', ')}], config.json says [${shape.join(', ')}]`,
        name,
      );
    }
  }
  return [...weights.tensors.keys()].filter((name) => !expected.has(name) && !TRAINING_TENSORS.has(name));
}
