import type { TokenBatch } from '../model/token-batch.ts';
import { GENES } from './model-shapes.ts';

/** Cells of these lengths with made-up genes, packed. */
export function cellsOfLengths(lengths: ArrayLike<number>): TokenBatch {
  const cells = lengths.length;
  const cuSeqlens = new Uint32Array(cells + 1);
  for (let cell = 0; cell < cells; cell++) cuSeqlens[cell + 1] = cuSeqlens[cell] + lengths[cell];
  return {
    rows: Uint32Array.from({ length: cells }, (_, cell) => cell),
    cuSeqlens,
    geneIds: Uint32Array.from({ length: cuSeqlens[cells] }, (_, i) => (7919 * i + 13) % GENES),
    withheld: new Uint8Array(cells),
  };
}
