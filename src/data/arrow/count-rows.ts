import type { RecordBatch } from 'apache-arrow';
import type { SparseRows } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { canonicalRows, concatenateRows, sparseFromDense } from '../sparse-rows.ts';
import { columnData, listOffsets, numbersOf, textsOf } from './arrays.ts';
import type { CountsLayout } from './layout.ts';

/** Values laid out at once when a table has a column for each gene. */
const BLOCK = 4_000_000;

/** Gene name → column, for tables that list names in place of indices. */
export type GeneNumbers = ReadonlyMap<string, number>;

/** Rows [start, end) of one batch. */
export function batchRows(
  batch: RecordBatch,
  layout: CountsLayout,
  columns: number,
  numbers: GeneNumbers,
  start: number,
  end: number,
): SparseRows {
  switch (layout.kind) {
    case 'sparse':
      return listedRows(batch, layout, columns, numbers, start, end);
    case 'fixed': {
      const data = columnData(batch, layout.counts);
      const items = numbersOf(data.children[0]);
      if (items.length < data.length * layout.size) {
        throw new DataError('corrupt', 'the lists are cut off');
      }
      return denseBlocks(start, end, layout.size, (row, gene) => items[row * layout.size + gene]);
    }
    case 'columns': {
      const genes = layout.columns.map((column) => numbersOf(columnData(batch, column)));
      return denseBlocks(start, end, genes.length, (row, gene) => genes[gene][row]);
    }
  }
}

/** Stored values of a batch: list items, or rows × genes. */
export function storedIn(batch: RecordBatch, layout: CountsLayout): number {
  switch (layout.kind) {
    case 'sparse': {
      const offsets = listOffsets(columnData(batch, layout.counts));
      return offsets[offsets.length - 1] - offsets[0];
    }
    case 'fixed':
      return batch.numRows * layout.size;
    case 'columns':
      return batch.numRows * layout.columns.length;
  }
}

function listedRows(
  batch: RecordBatch,
  layout: Extract<CountsLayout, { kind: 'sparse' }>,
  columns: number,
  numbers: GeneNumbers,
  start: number,
  end: number,
): SparseRows {
  const genes = columnData(batch, layout.genes);
  const counts = columnData(batch, layout.counts);
  const geneOffsets = listOffsets(genes);
  const countOffsets = listOffsets(counts);
  for (let row = start; row < end; row++) {
    if (geneOffsets[row + 1] - geneOffsets[row] !== countOffsets[row + 1] - countOffsets[row]) {
      throw new DataError('bad-shape', `row ${row} of a batch has lists of different lengths`);
    }
  }
  const from = geneOffsets[start];
  const items = layout.named
    ? textsOf(genes.children[0]).map((name) => (name === null ? -1 : (numbers.get(name) ?? -1)))
    : numbersOf(genes.children[0]);
  const values = numbersOf(counts.children[0]);
  const indices = Float64Array.from({ length: geneOffsets[end] - from }, (_, k) => items[from + k]);
  return canonicalRows(
    {
      offsets: geneOffsets.slice(start, end + 1).map((offset) => offset - from),
      indices,
      values: Float64Array.from({ length: indices.length }, (_, k) => values[countOffsets[start] + k]),
    },
    columns,
    'X',
  );
}

function denseBlocks(
  start: number,
  end: number,
  columns: number,
  at: (row: number, column: number) => number,
): SparseRows {
  const rowsPerBlock = Math.max(1, Math.floor(BLOCK / Math.max(1, columns)));
  const blocks: SparseRows[] = [];
  for (let from = start; from < end; from += rowsPerBlock) {
    const rows = Math.min(rowsPerBlock, end - from);
    const values = new Float64Array(rows * columns);
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < rows; row++) values[row * columns + column] = at(from + row, column);
    }
    blocks.push(sparseFromDense(values, rows, columns));
  }
  return blocks.length > 0 ? concatenateRows(blocks) : sparseFromDense([], 0, columns);
}
