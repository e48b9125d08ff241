import type { ModelConfig } from '../model/config.ts';
import type { ModelPackage } from '../model/package.ts';
import { syntheticPackage } from '../model/synthetic.ts';

/** The size of an encoder. */
export interface ModelShape {
  readonly name: '10M' | '70M' | '160M' | '400M';
  readonly layers: number;
  readonly dModel: number;
  readonly heads: number;
  readonly dHid: number;
}

/**
 * TEDDY's sizes: 70M to 400M from the released configurations; of 10M the paper gives layers and width,
 * heads of 32 and a hidden layer four times as wide are ours.
 */
export const MODEL_SHAPES: readonly ModelShape[] = [
  { name: '10M', layers: 3, dModel: 128, heads: 4, dHid: 512 },
  { name: '70M', layers: 12, dModel: 512, heads: 8, dHid: 1024 },
  { name: '160M', layers: 12, dModel: 768, heads: 12, dHid: 3072 },
  { name: '400M', layers: 24, dModel: 1024, heads: 16, dHid: 4096 },
];

/** Positions of the released models. */
export const POSITIONS = 2048;

/** Genes of the made-up vocabulary: looking up a row costs the same in a large table. */
export const GENES = 1024;

/** Tokens that syntheticPackage adds to the genes. */
const SPECIAL_TOKENS = 9;

/** [inner, columns] of the products of one layer: query, key and value; output; in and out of the hidden layer. */
export function linearLayers({
  dModel: d,
  dHid,
}: Pick<ModelShape, 'dModel' | 'dHid'>): readonly (readonly [number, number])[] {
  return [
    [d, 3 * d],
    [d, d],
    [d, dHid],
    [dHid, d],
  ];
}

/** The first `layers` layers of a model of this shape, with made-up weights. */
export function shapePackage(shape: ModelShape, layers = shape.layers): ModelPackage {
  const config = {
    model_type: 'teddy_g',
    ntoken: GENES + SPECIAL_TOKENS,
    d_model: shape.dModel,
    nheads: shape.heads,
    d_hid: shape.dHid,
    nlayers: layers,
    max_position_embeddings: POSITIONS,
  };
  return syntheticPackage({ config, salt: 0 }, shape.name);
}

/**
 * Floating-point operations of a forward pass over cells of these lengths, an fma counted as two:
 * layers · (2 S (4 d² + 2 d f) + 4 S² d) a cell, without norms, softmax and lookups.
 */
export function forwardFlops(
  { nLayers, dModel: d, dHid }: Pick<ModelConfig, 'nLayers' | 'dModel' | 'dHid'>,
  lengths: ArrayLike<number>,
): number {
  let flops = 0;
  for (let cell = 0; cell < lengths.length; cell++) {
    const rows = lengths[cell];
    flops += nLayers * (2 * rows * (4 * d * d + 2 * d * dHid) + 4 * rows * rows * d);
  }
  return flops;
}
