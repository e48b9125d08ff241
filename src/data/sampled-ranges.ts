import type { MatrixInfo } from './dataset.ts';

/** Matrices with at most this many stored values are looked at whole. */
const WHOLE = 2_000_000;
/** Rows read at once. */
const BLOCK = 256;
/** A larger matrix is looked at in this many blocks of SAMPLE_ROWS, spread over the file (rows are often sorted). */
const SAMPLE_BLOCKS = 16;
const SAMPLE_ROWS = 32;

/** Ranges of rows to look at: all of a small matrix, else blocks from the first row to the last. */
export function sampledRanges({ rows, stored }: Pick<MatrixInfo, 'rows' | 'stored'>): [number, number][] {
  if (stored <= WHOLE || rows <= SAMPLE_BLOCKS * SAMPLE_ROWS) {
    const blocks = Math.ceil(rows / BLOCK);
    return Array.from({ length: blocks }, (_, b) => [b * BLOCK, Math.min((b + 1) * BLOCK, rows)]);
  }
  return Array.from({ length: SAMPLE_BLOCKS }, (_, b) => {
    const start = Math.floor((b * (rows - SAMPLE_ROWS)) / (SAMPLE_BLOCKS - 1));
    return [start, start + SAMPLE_ROWS];
  });
}
