import type { LogCounts } from '../types.ts';

/**
 * Columns of the greatest variance of log1p counts per 10,000 over the given cells, the plainest of the
 * orders in use: no trend of variance with mean is taken off, so that nothing has to be tuned.
 * @param rows the training cells
 * @returns at most `count` columns that vary, ascending; of equal variances the first columns
 */
export function variableGenes(
  expression: LogCounts,
  rows: ArrayLike<number>,
  count: number,
): Uint32Array<ArrayBuffer> {
  const { columns, indptr, indices, values } = expression;
  const sums = new Float64Array(columns);
  const squares = new Float64Array(columns);
  for (let r = 0; r < rows.length; r++) {
    for (let p = indptr[rows[r]]; p < indptr[rows[r] + 1]; p++) {
      sums[indices[p]] += values[p];
      squares[indices[p]] += values[p] * values[p];
    }
  }
  const n = rows.length;
  const variance = squares.map((square, g) => square / n - (sums[g] / n) ** 2);
  // A constant column comes out of the difference as rounding, not as zero.
  const varying = Array.from(variance.keys()).filter((g) => variance[g] > 1e-12 * (squares[g] / n));
  return Uint32Array.from(varying.sort((a, b) => variance[b] - variance[a] || a - b).slice(0, count)).sort();
}

/** Some columns of some cells, still sparse: row r is cell `rows[r]`, column c is `genes[c]`. */
export function selectBlock(expression: LogCounts, rows: ArrayLike<number>, genes: Uint32Array): LogCounts {
  const place = new Int32Array(expression.columns).fill(-1);
  genes.forEach((gene, c) => {
    place[gene] = c;
  });
  const indptr = new Uint32Array(rows.length + 1);
  for (let pass = 0, r = 0; r < rows.length; r++) {
    for (let p = expression.indptr[rows[r]]; p < expression.indptr[rows[r] + 1]; p++) {
      if (place[expression.indices[p]] >= 0) pass++;
    }
    indptr[r + 1] = pass;
  }
  const stored = indptr[rows.length];
  const indices = new Uint32Array(stored);
  const values = new Float32Array(stored);
  for (let at = 0, r = 0; r < rows.length; r++) {
    for (let p = expression.indptr[rows[r]]; p < expression.indptr[rows[r] + 1]; p++) {
      const column = place[expression.indices[p]];
      if (column < 0) continue;
      indices[at] = column;
      values[at++] = expression.values[p];
    }
  }
  return { columns: genes.length, indptr, indices, values };
}
