import type { Column, LongIntegers } from '../data/dataset.ts';

/** What an export is made of, whatever its format: plain columns of the embedded cells, in file order. */
export interface ExportTable {
  /** [n] names of the cells; may repeat. */
  readonly obsNames: readonly string[];
  /** All obs of the file for these cells, then ours; names are unique. */
  readonly columns: readonly NamedColumn[];
  /** obsm: the file's own, then `X_teddy` and `X_teddy_umap`. */
  readonly embeddings: readonly NamedEmbedding[];
  /** Column name → CSS colours of its categories. */
  readonly colors: Readonly<Record<string, readonly string[]>>;
  /** How the numbers came about; text or number a line. */
  readonly about: Readonly<Record<string, string | number>>;
}

export interface NamedColumn {
  readonly name: string;
  readonly column: Column;
}

/** float64 where a file's own array needs it. */
export type EmbeddingValues = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

export interface NamedEmbedding {
  readonly key: string;
  /** [n, columns] */
  readonly data: EmbeddingValues;
  readonly columns: number;
}

/** The values of a column at some rows. */
export function takeColumn(column: Column, rows: Uint32Array): Column {
  switch (column.kind) {
    case 'categorical':
      return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]) };
    case 'string':
      return { kind: 'string', values: Array.from(rows, (row) => column.values[row]) };
    case 'numeric':
      return {
        ...column,
        values: Float64Array.from(rows, (row) => column.values[row]),
        ...(column.exact ? { exact: takeLong(column.exact, rows) } : {}),
      };
    case 'boolean': {
      const { missing } = column;
      const values = Uint8Array.from(rows, (row) => column.values[row]);
      return missing
        ? { kind: 'boolean', values, missing: Uint8Array.from(rows, (row) => missing[row]) }
        : { kind: 'boolean', values };
    }
  }
}

function takeLong(values: LongIntegers, rows: Uint32Array): LongIntegers {
  const { length } = rows;
  const taken = values instanceof BigInt64Array ? new BigInt64Array(length) : new BigUint64Array(length);
  rows.forEach((row, i) => {
    taken[i] = values[row];
  });
  return taken;
}

/** [rows, columns] of a row-major table. */
export function takeRows(data: EmbeddingValues, columns: number, rows: Uint32Array): EmbeddingValues {
  const length = rows.length * columns;
  const taken = data instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
  rows.forEach((row, i) => {
    taken.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return taken;
}

/** The values of a column of some rows among `cells`, missing everywhere else. */
export function scatterColumn(column: Column, rows: Uint32Array, cells: number): Column {
  switch (column.kind) {
    case 'categorical': {
      const codes = new Int32Array(cells).fill(-1);
      rows.forEach((row, i) => {
        codes[row] = column.codes[i];
      });
      return { ...column, codes };
    }
    case 'string': {
      const values = new Array<string | null>(cells).fill(null);
      rows.forEach((row, i) => {
        values[row] = column.values[i];
      });
      return { kind: 'string', values };
    }
    case 'numeric': {
      const values = new Float64Array(cells).fill(Number.NaN);
      rows.forEach((row, i) => {
        values[row] = column.values[i];
      });
      return { kind: 'numeric', integer: column.integer, values };
    }
    case 'boolean': {
      const values = new Uint8Array(cells);
      const missing = new Uint8Array(cells).fill(1);
      rows.forEach((row, i) => {
        values[row] = column.values[i];
        missing[row] = column.missing?.[i] ?? 0;
      });
      return missing.includes(1) ? { kind: 'boolean', values, missing } : { kind: 'boolean', values };
    }
  }
}

/**
 * The integers of a column in the narrowest of 32 signed and 64 bits, 0 where missing; null where it holds others than
 * integers, or some that are not known exactly.
 */
export function integersOf(
  column: Extract<Column, { readonly kind: 'numeric' }>,
): Int32Array<ArrayBuffer> | LongIntegers | null {
  const { values, integer, exact } = column;
  if (exact) return exact;
  if (!integer || !values.every((value) => Number.isNaN(value) || Number.isSafeInteger(value))) return null;
  if (values.every((value) => Number.isNaN(value) || (value | 0) === value))
    return Int32Array.from(values, (value) => value | 0);
  return BigInt64Array.from(values, (value) => BigInt(Number.isNaN(value) ? 0 : value));
}

/** One cell of a column as text; null where missing. */
export function textAt(column: Column, i: number): string | null {
  switch (column.kind) {
    case 'categorical':
      return column.categories[column.codes[i]] ?? null;
    case 'string':
      return column.values[i];
    case 'numeric':
      return Number.isNaN(column.values[i]) ? null : String(column.exact?.[i] ?? column.values[i]);
    case 'boolean':
      return column.missing?.[i] ? null : column.values[i] ? 'true' : 'false';
  }
}

/**
 * Names of the columns of one flat table: of the cells, of `columns` as they are, of each embedding, none of them
 * twice.
 */
export function flatNames(table: Pick<ExportTable, 'columns' | 'embeddings'>): {
  readonly cell: string;
  readonly embeddings: readonly string[];
} {
  const taken = new Set(table.columns.map(({ name }) => name));
  const cell = uniqueName(taken.has('cell') ? 'cell_name' : 'cell', taken);
  return { cell, embeddings: table.embeddings.map(({ key }) => uniqueName(key, taken)) };
}

/** `name`, or with a number where it is taken; notes it as taken. */
export function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let i = 2; taken.has(unique); i++) unique = `${name}_${i}`;
  taken.add(unique);
  return unique;
}
