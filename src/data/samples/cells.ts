import { asText, categorical, longOf, numeric } from '../columns.ts';
import type { Column, Dataset } from '../dataset.ts';
import { DataError } from '../errors.ts';
import type { Table } from '../table.ts';

/** obs of several datasets one below the other, with a column that names the sample. */
export function joinCells(datasets: readonly Dataset[], samples: readonly string[]): Table {
  const own = new Set(datasets.flatMap(({ obsColumns }) => obsColumns));
  // The name is taken where the files tell samples themselves.
  const sampleColumn = ['sample', 'sample_file', 'sample_of_file'].find((name) => !own.has(name));
  const columns = [...(sampleColumn === undefined ? [] : [sampleColumn]), ...own];
  const rows = datasets.reduce((sum, { nObs }) => sum + nObs, 0);
  return {
    rows,
    columns,
    async names() {
      const names = await Promise.all(datasets.map((dataset) => dataset.obsNames()));
      const unique = new Set(names.flat()).size === rows;
      return names.flatMap((list, s) => (unique ? list : list.map((name) => `${name}-${samples[s]}`)));
    },
    async column(name) {
      if (name === sampleColumn) {
        const codes = new Int32Array(rows);
        let at = 0;
        for (const [s, { nObs }] of datasets.entries()) {
          codes.fill(s, at, at + nObs);
          at += nObs;
        }
        return categorical(codes, samples, false, name);
      }
      if (!own.has(name)) throw new DataError('missing', `the files have no column ${name}`, name);
      const parts = await Promise.all(
        datasets.map(async (dataset) => ({
          rows: dataset.nObs,
          column: dataset.obsColumns.includes(name) ? await dataset.obs(name) : null,
        })),
      );
      return joinColumns(parts, name);
    },
  };
}

/** A column of one dataset, or null where it has none of the name. */
interface Part {
  readonly rows: number;
  readonly column: Column | null;
}

/**
 * Numbers stay numbers and booleans booleans where all parts are such; all else becomes categories, in the order
 * they are met. Where a part has no such column its cells have no value.
 */
export function joinColumns(parts: readonly Part[], name: string): Column {
  const columns = parts.flatMap(({ column }) => (column === null ? [] : [column]));
  if (columns.every((column) => column.kind === 'numeric')) return joinNumbers(parts);
  if (columns.every((column) => column.kind === 'boolean')) return joinBooleans(parts);
  const codes: number[] = [];
  const numbers = new Map<string, number>();
  for (const { column, rows } of parts) {
    const texts = column === null ? [] : asText(column);
    for (let i = 0; i < rows; i++) {
      if (column === null || isMissing(column, i)) codes.push(-1);
      else {
        const code = numbers.get(texts[i]) ?? numbers.size;
        numbers.set(texts[i], code);
        codes.push(code);
      }
    }
  }
  const ordered = columns.every((column) => column.kind === 'categorical' && column.ordered);
  const [first] = columns;
  const same =
    ordered &&
    first.kind === 'categorical' &&
    columns.every(
      (column) =>
        column.kind === 'categorical' && column.categories.join('\0') === first.categories.join('\0'),
    );
  if (same && first.kind === 'categorical') {
    const met = [...numbers.keys()];
    const places = met.map((text) => first.categories.indexOf(text));
    return categorical(
      codes.map((code) => (code < 0 ? -1 : places[code])),
      first.categories,
      true,
      name,
      first.categoryKind,
    );
  }
  return categorical(codes, [...numbers.keys()], false, name);
}

function isMissing(column: Column, row: number): boolean {
  switch (column.kind) {
    case 'categorical':
      return column.codes[row] < 0;
    case 'string':
      return column.values[row] === null;
    case 'numeric':
      return Number.isNaN(column.values[row]);
    case 'boolean':
      return column.missing?.[row] === 1;
  }
}

function joinNumbers(parts: readonly Part[]): Column {
  const values: number[] = [];
  let integer = true;
  for (const { column, rows } of parts) {
    if (column?.kind === 'numeric') integer &&= column.integer;
    for (let i = 0; i < rows; i++) values.push(column?.kind === 'numeric' ? column.values[i] : Number.NaN);
  }
  const isLong = integer && parts.some(({ column }) => column?.kind === 'numeric' && column.exact);
  return numeric(values, integer, undefined, isLong ? longOf(parts.flatMap(integersOf)) : undefined);
}

/** Integers of a column as such, 0 where missing. */
function integersOf({ column, rows }: Part): bigint[] {
  if (column?.kind !== 'numeric') return new Array<bigint>(rows).fill(0n);
  if (column.exact) return Array.from(column.exact);
  return Array.from(column.values, (value) => BigInt(Number.isNaN(value) ? 0 : value));
}

function joinBooleans(parts: readonly Part[]): Column {
  const values: number[] = [];
  const missing: number[] = [];
  for (const { column, rows } of parts) {
    for (let i = 0; i < rows; i++) {
      values.push(column?.kind === 'boolean' ? column.values[i] : 0);
      missing.push(column === null || isMissing(column, i) ? 1 : 0);
    }
  }
  const column = { kind: 'boolean', values: Uint8Array.from(values) } as const;
  return missing.includes(1) ? { ...column, missing: Uint8Array.from(missing) } : column;
}
