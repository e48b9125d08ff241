import type { LogCounts } from '../probe/types.ts';
import { RunError } from './errors.ts';
import type { RowSource } from './genes-only.ts';
import { readRows } from './row-reader.ts';
import type { JobOptions, Preflight } from './services.ts';

export const COUNTS_PER_CELL = 10_000;
/** 2 GiB of indices and values: what a tab can hold beside the rest. */
const MAX_STORED = 2 ** 28;
const FIRST_CAPACITY = 2 ** 16;

/**
 * log1p of counts per 10,000 of the given rows, over all columns of the matrix the pre-flight read: the
 * library of a cell is all its counts of genes, whichever of them have an id. A cell without counts has no values.
 * @param rows ascending rows of the file
 * @throws RunError 'too-many-values', DataError, the signal's reason
 */
export async function logCounts(
  counts: RowSource,
  { matrix, genes, quality }: Pick<Preflight, 'matrix' | 'genes' | 'quality'>,
  rows: Uint32Array,
  { signal, onProgress }: JobOptions,
  maxStored = MAX_STORED,
): Promise<LogCounts> {
  const indptr = new Uint32Array(rows.length + 1);
  let indices = new Uint32Array(FIRST_CAPACITY);
  let values = new Float32Array(FIRST_CAPACITY);
  let stored = 0;
  let cells = 0;
  for await (const { block, start, wanted } of readRows(counts, matrix, rows, signal)) {
    for (const row of wanted) {
      const begin = block.indptr[row];
      const end = block.indptr[row + 1];
      if (stored + end - begin > maxStored) {
        throw new RunError(
          'too-many-values',
          `the counts of ${rows.length} cells are more than ${maxStored} values, too many to hold in memory`,
        );
      }
      if (stored + end - begin > values.length) {
        const capacity = Math.min(maxStored, Math.max(2 * values.length, stored + end - begin));
        indices = grown(indices, new Uint32Array(capacity));
        values = grown(values, new Float32Array(capacity));
      }
      const total = quality.counts[start + row];
      for (let i = begin; i < end; i++) {
        if (block.values[i] === 0) continue;
        indices[stored] = block.indices[i];
        values[stored++] = Math.log1p((block.values[i] / total) * COUNTS_PER_CELL);
      }
      indptr[++cells] = stored;
    }
    onProgress?.({ stage: 'expression', done: cells, total: rows.length, unit: 'cells' });
  }
  return {
    columns: genes.columns,
    indptr,
    indices: indices.slice(0, stored),
    values: values.slice(0, stored),
  };
}

function grown<T extends Uint32Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
