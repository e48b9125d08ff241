/** Counts that cannot be counts: the matrix is damaged or is not one of raw counts. */
export class CountsError extends Error {
  override readonly name = 'CountsError';
  readonly code = 'invalid-count';
  constructor(
    /** Row within the block that was read. */
    readonly row: number,
    readonly column: number,
    readonly value: number,
  ) {
    super(`the count in column ${column} of row ${row} is ${value}`);
  }
}

/** The table of genes that ships with the page does not read as one. */
export class GeneTableError extends Error {
  override readonly name = 'GeneTableError';
  readonly code = 'gene-table-invalid';
}
