import { type TokenBatch, WITHHELD_REASONS } from '../model/token-batch.ts';
import type { TrainingReference } from '../model/training-reference.ts';

/**
 * [cells] index into WITHHELD_REASONS: what the data said already, else what the training reference
 * says of the embedding and the tokens.
 * @param geneMeans [cells, d] gene-mean embeddings
 */
export function judgeCells(
  batch: TokenBatch,
  geneMeans: Float32Array,
  reference: TrainingReference | null,
): Uint8Array<ArrayBuffer> {
  const withheld = batch.withheld.slice();
  if (!reference) return withheld;
  for (let cell = 0; cell < withheld.length; cell++) {
    if (withheld[cell] !== 0) continue;
    const tokens = batch.geneIds.subarray(batch.cuSeqlens[cell], batch.cuSeqlens[cell + 1]);
    const reason = reference.judge(geneMeans, cell * reference.dimension, tokens);
    withheld[cell] = WITHHELD_REASONS.indexOf(reason);
  }
  return withheld;
}
