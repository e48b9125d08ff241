/**
 * Why a cell's predictions are not shown, in the order the tests are made; index 0 = shown.
 * The sentences for people are in src/run/sentences/notes.ts.
 */
export const WITHHELD_REASONS = [
  'shown',
  'organism',
  'tissue',
  'few_genes',
  'distance',
  'likelihood',
] as const;
export type WithheldReason = (typeof WITHHELD_REASONS)[number];

/**
 * Cells packed for an encoder: tokens concatenated, no padding.
 * Plain data, transferable: every array owns its buffer.
 */
export interface TokenBatch {
  /** [cells] row of each cell in the file. */
  readonly rows: Uint32Array<ArrayBuffer>;
  /** [cells + 1] offsets into `geneIds`: cell c holds tokens cuSeqlens[c] … cuSeqlens[c + 1]. */
  readonly cuSeqlens: Uint32Array<ArrayBuffer>;
  /** [tokens] vocabulary ids, by rank within the cell, already cut to the model's positions. */
  readonly geneIds: Uint32Array<ArrayBuffer>;
  /** [tokens] TEDDY-X only: the bin (1 … bins; 0 = masked) or the rank value (1 … −1). */
  readonly values?: Float32Array<ArrayBuffer>;
  /** [cells] index into WITHHELD_REASONS of what the data alone already says (organism, tissue, few genes). */
  readonly withheld: Uint8Array<ArrayBuffer>;
}
