import type { Column } from '../data/dataset.ts';

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
      return { ...column, values: Float64Array.from(rows, (row) => column.values[row]) };
    case 'boolean': {
      const { missing } = column;
      const values = Uint8Array.from(rows, (row) => column.values[row]);
      return missing
        ? { kind: 'boolean', values, missing: Uint8Array.from(rows, (row) => missing[row]) }
        : { kind: 'boolean', values };
    }
  }
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

/** One cell of a column as text; null where missing. */
export function textAt(column: Column, i: number): string | null {
  switch (column.kind) {
    case 'categorical':
      return column.categories[column.codes[i]] ?? null;
    case 'string':
      return column.values[i];
    case 'numeric':
      return Number.isNaN(column.values[i]) ? null : String(column.values[i]);
    case 'boolean':
      return column.missing?.[i] ? null : column.values[i] ? 'true' : 'false';
  }
}

/** `name`, or with a number where it is taken; notes it as taken. */
export function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let i = 2; taken.has(unique); i++) unique = `${name}_${i}`;
  taken.add(unique);
  return unique;
}
