import type { MatrixName, SparseRows } from '../data/dataset.ts';
import { CountsError } from '../tokenize/errors.ts';
import type { RowSource } from './genes-only.ts';
import { Turn } from './turn.ts';

/** Rows of one read at most. */
const SPAN = 512;
/** Wanted rows closer than this are read together: reading is by chunks of the file anyway. */
const GAP = 64;

/** A block as read, and which of its rows are wanted. */
export interface WantedRows {
  readonly block: SparseRows;
  /** Row of the file that the block begins with. */
  readonly start: number;
  /** Rows within the block. */
  readonly wanted: readonly number[];
}

/**
 * Reads the wanted rows (ascending) of a matrix in few, large reads.
 * @throws DataError of the file, the signal's reason
 */
export async function* readRows(
  dataset: RowSource,
  matrix: MatrixName,
  rows: ArrayLike<number>,
  signal: AbortSignal | undefined,
): AsyncGenerator<WantedRows> {
  const turn = new Turn(signal);
  for (let from = 0; from < rows.length; ) {
    await turn.pause();
    const start = rows[from];
    let to = from + 1;
    while (to < rows.length && rows[to] - start < SPAN && rows[to] - rows[to - 1] <= GAP) to++;
    const block = await dataset.rows(matrix, start, rows[to - 1] + 1);
    const wanted = Array.from({ length: to - from }, (_, i) => rows[from + i] - start);
    yield { block, start, wanted };
    from = to;
  }
}

/** Runs work on one row of a block; a count that is none is reported by its row in the file. */
export function onRow<T>(start: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof CountsError) throw new CountsError(start + error.row, error.column, error.value);
    throw error;
  }
}
