import type { SparseRows } from './dataset.ts';
import { DataError } from './errors.ts';

/** Stored entries of consecutive rows as a file holds them: unordered, repeats and zeros allowed. */
export interface StoredRows {
  /** [rows + 1] offsets into `indices` and `values`, ascending from 0. */
  readonly offsets: ArrayLike<number>;
  readonly indices: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/**
 * Rows in the form every reader hands out: columns ascending, entries of one column summed, zeros left out
 * (NaN and infinities are kept: the scan names them).
 * @throws DataError `bad-index` where a column is not an integer in [0, columns).
 */
export function canonicalRows(stored: StoredRows, columns: number, subject: string): SparseRows {
  const { offsets, indices, values } = stored;
  const rowCount = offsets.length - 1;
  const indptr = new Uint32Array(rowCount + 1);
  const outIndices = new Uint32Array(indices.length);
  const outValues = new Float64Array(indices.length);
  let write = 0;
  for (let row = 0; row < rowCount; row++) {
    const start = offsets[row];
    const end = offsets[row + 1];
    const copied = copyCanonical(indices, values, start, end, columns, outIndices, outValues, write);
    write = copied ? write + end - start : mergeRow(row);
    indptr[row + 1] = write;
  }
  if (write === outIndices.length) return { rowCount, indptr, indices: outIndices, values: outValues };
  return {
    rowCount,
    indptr,
    indices: outIndices.slice(0, write),
    values: outValues.slice(0, write),
  };

  /** A row that is not canonical yet; returns where the next one begins. */
  function mergeRow(row: number): number {
    const first = write;
    let at = first;
    const order = rowOrder(indices, offsets[row], offsets[row + 1], columns, subject);
    const dropZero = () => {
      if (at > first && outValues[at - 1] === 0) at--;
    };
    for (let k = offsets[row]; k < offsets[row + 1]; k++) {
      const from = order === null ? k : order[k - offsets[row]];
      if (at > first && outIndices[at - 1] === indices[from]) outValues[at - 1] += values[from];
      else {
        dropZero();
        outIndices[at] = indices[from];
        outValues[at++] = values[from];
      }
    }
    dropZero();
    return at;
  }
}

/**
 * Copies the entries [start, end) of one row to `write`, as nearly all rows may be; false, with what lies
 * from `write` on undefined, where columns do not ascend, are none, or a zero is stored.
 */
function copyCanonical(
  indices: ArrayLike<number>,
  values: ArrayLike<number>,
  start: number,
  end: number,
  columns: number,
  outIndices: Uint32Array,
  outValues: Float64Array,
  write: number,
): boolean {
  let previous = -1;
  for (let k = start; k < end; k++) {
    const column = indices[k];
    const value = values[k];
    outIndices[write] = column;
    // Equal to what was stored in it: an integer of 32 bits.
    if (!(column > previous && column < columns && outIndices[write] === column) || value === 0) return false;
    outValues[write++] = value;
    previous = column;
  }
  return true;
}

/** Positions of one row's entries by ascending column, or null where they already ascend. */
function rowOrder(
  indices: ArrayLike<number>,
  start: number,
  end: number,
  columns: number,
  subject: string,
): number[] | null {
  let ascending = true;
  for (let k = start; k < end; k++) {
    const column = indices[k];
    if (!(column >= 0 && column < columns && Number.isInteger(column))) {
      throw new DataError('bad-index', `${subject} names column ${column} of ${columns}`, subject);
    }
    if (k > start && column < indices[k - 1]) ascending = false;
  }
  if (ascending) return null;
  return Array.from({ length: end - start }, (_, k) => start + k).sort((a, b) => indices[a] - indices[b]);
}

/** The rows of several blocks one after the other. */
export function concatenateRows(blocks: readonly SparseRows[]): SparseRows {
  if (blocks.length === 1) return blocks[0];
  const rowCount = blocks.reduce((sum, block) => sum + block.rowCount, 0);
  const stored = blocks.reduce((sum, block) => sum + block.indices.length, 0);
  const indptr = new Uint32Array(rowCount + 1);
  const indices = new Uint32Array(stored);
  const values = new Float64Array(stored);
  let row = 0;
  let at = 0;
  for (const block of blocks) {
    indices.set(block.indices, at);
    values.set(block.values, at);
    for (let r = 1; r <= block.rowCount; r++) indptr[row + r] = at + block.indptr[r];
    row += block.rowCount;
    at += block.indices.length;
  }
  return { rowCount, indptr, indices, values };
}

/** The non-zero entries of `values` [rows, columns]. */
export function sparseFromDense(values: ArrayLike<number>, rows: number, columns: number): SparseRows {
  const indptr = new Uint32Array(rows + 1);
  let stored = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) stored++;
  const indices = new Uint32Array(stored);
  const kept = new Float64Array(stored);
  let write = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column];
      if (value === 0) continue;
      indices[write] = column;
      kept[write++] = value;
    }
    indptr[row + 1] = write;
  }
  return { rowCount: rows, indptr, indices, values: kept };
}
