import type { MatrixInfo, SparseRows } from './dataset.ts';

/** One matrix of a file, read by ranges of rows. */
export interface MatrixReader {
  readonly info: MatrixInfo;
  /** Rows [start, end), 0 ≤ start ≤ end ≤ rows, canonical (sparse-rows.ts). */
  rows(start: number, end: number): Promise<SparseRows>;
}
