import type { TokenBatch } from '../../model/token-batch.ts';

/** Cells [from, to) of a batch, in arrays of their own. */
export function sliceBatch(batch: TokenBatch, from: number, to: number): TokenBatch {
  const first = batch.cuSeqlens[from];
  const last = batch.cuSeqlens[to];
  return {
    rows: batch.rows.slice(from, to),
    cuSeqlens: batch.cuSeqlens.slice(from, to + 1).map((offset) => offset - first),
    geneIds: batch.geneIds.slice(first, last),
    withheld: batch.withheld.slice(from, to),
    ...(batch.values ? { values: batch.values.slice(first, last) } : {}),
  };
}
