import type { SparseRows } from '../../src/data/dataset.ts';

/** Rows of counts in which `cells` name columns with their counts. */
export function rowsOf(
  cells: readonly (readonly (readonly [column: number, count: number])[])[],
): SparseRows {
  const sorted = cells.map((cell) => [...cell].sort(([a], [b]) => a - b));
  const indptr = new Uint32Array(cells.length + 1);
  for (const [row, cell] of sorted.entries()) indptr[row + 1] = indptr[row] + cell.length;
  return {
    rowCount: cells.length,
    indptr,
    indices: Uint32Array.from(sorted.flat(), ([column]) => column),
    values: Float64Array.from(sorted.flat(), ([, count]) => count),
  };
}

/** The nth human gene id. */
export function gene(n: number): string {
  return `ENSG${String(n).padStart(11, '0')}`;
}

/** Deterministic numbers in [0, 1). */
export function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
