/**
 * Rows of a count matrix in CSR form, as src/data hands them down (its SparseRows): column indices
 * ascending within a row, zeros may be stored or left out.
 */
export interface CountRows {
  readonly rowCount: number;
  /** [rowCount + 1] */
  readonly indptr: Uint32Array;
  /** [stored] columns */
  readonly indices: Uint32Array;
  /** [stored] counts */
  readonly values: Float64Array;
}
