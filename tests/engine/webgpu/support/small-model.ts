import { syntheticPackage } from '../../../../src/model/synthetic.ts';
import type { TokenBatch } from '../../../../src/model/token-batch.ts';

/** Three layers of odd sizes, with two annotations. */
export const smallPackage = syntheticPackage({
  salt: 20_261_124,
  config: {
    model_type: 'teddy_g',
    ntoken: 331,
    d_model: 36,
    nheads: 3,
    d_hid: 52,
    nlayers: 3,
    max_position_embeddings: 80,
    layer_activation: 'gelu',
    pre_norm: false,
    bins: 0,
    continuous_rank: false,
    annotations: { disease: ['a', 'b', 'c'], sex: ['f', 'm'] },
  },
});

/** Cells of these many genes, from all of the table. */
export function batchOf(lengths: readonly number[]): TokenBatch {
  const cuSeqlens = new Uint32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) cuSeqlens[i + 1] = cuSeqlens[i] + length;
  return {
    rows: Uint32Array.from(lengths, (_, i) => i),
    cuSeqlens,
    geneIds: Uint32Array.from({ length: cuSeqlens[lengths.length] }, (_, i) => (i * 97 + 13) % 322),
    withheld: new Uint8Array(lengths.length),
  };
}

/** Cells of odd lengths, an empty one among them. */
export const smallBatch = batchOf([31, 1, 0, 80, 67, 9, 44]);
