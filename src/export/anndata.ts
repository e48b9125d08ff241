import type { Column } from '../data/dataset.ts';
import { type ExportTable, integersOf, uniqueName } from './table.ts';

/** Attributes of a group or an array; an empty list is one of text. */
export type Attributes = Readonly<Record<string, string | boolean | readonly string[]>>;

/** Numbers as they are stored. */
export type Numbers =
  | Int8Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** A group that can be written into: of an HDF5 file (h5-place.ts), or of a zarr store (zarr-place.ts). */
export interface Place {
  attributes(attributes: Attributes): void;
  group(name: string, attributes: Attributes): Place;
  numbers(name: string, data: Numbers, shape: readonly number[], attributes: Attributes): void;
  /** @param values 0 or 1 */
  booleans(name: string, values: Uint8Array, attributes: Attributes): void;
  strings(name: string, values: readonly string[], attributes: Attributes): void;
  scalar(name: string, value: string | number, attributes: Attributes): void;
}

/** Attributes that tell anndata 0.8 and newer what something is. */
export function encoding(type: string, version: string): Attributes {
  return { 'encoding-type': type, 'encoding-version': version };
}

const ARRAY = encoding('array', '0.2.0');
const STRINGS = encoding('string-array', '0.2.0');
const DICTIONARY = encoding('dict', '0.1.0');
/** What means something in a group of either store, and so cannot be a column's name. */
const RESERVED = [
  '_index',
  '__categories',
  '.',
  '..',
  '',
  '.zarray',
  '.zattrs',
  '.zgroup',
  '.zmetadata',
  'zarr.json',
];

/** Writes the table in the encoding of anndata 0.8: obs, obsm, uns, no X and no genes (n × 0). */
export function writeAnnData(root: Place, table: ExportTable): void {
  root.attributes(encoding('anndata', '0.1.0'));
  const columnNames = safeNames(table.columns.map(({ name }) => name));
  const cells = writeFrame(root, 'obs', table.obsNames, columnNames);
  for (const [i, { column }] of table.columns.entries()) writeColumn(cells, columnNames[i], column);
  writeFrame(root, 'var', [], []);
  const obsm = root.group('obsm', DICTIONARY);
  const keys = safeNames(table.embeddings.map(({ key }) => key));
  for (const [i, { data, columns }] of table.embeddings.entries()) {
    obsm.numbers(keys[i], data, [table.obsNames.length, columns], ARRAY);
  }
  for (const name of ['varm', 'obsp', 'varp', 'layers']) root.group(name, DICTIONARY);
  const uns = root.group('uns', DICTIONARY);
  writeAbout(uns, 'teddy', table.about);
  for (const [i, { name }] of table.columns.entries()) {
    const colors = table.colors[name];
    if (colors) uns.strings(`${columnNames[i]}_colors`, colors, STRINGS);
  }
}

/** Texts and numbers as a dictionary. */
export function writeAbout(place: Place, name: string, about: ExportTable['about']): void {
  const group = place.group(name, DICTIONARY);
  for (const [key, value] of Object.entries(about)) {
    const type = typeof value === 'string' ? 'string' : 'numeric-scalar';
    group.scalar(key, value, encoding(type, '0.2.0'));
  }
}

/** A column as anndata 0.8 encodes it. */
export function writeColumn(place: Place, name: string, column: Column): void {
  switch (column.kind) {
    case 'categorical': {
      const group = place.group(name, { ...encoding('categorical', '0.2.0'), ordered: column.ordered });
      writeCategories(group, 'categories', column.categories, column.categoryKind);
      group.numbers('codes', codesOf(column), [column.codes.length], ARRAY);
      return;
    }
    case 'string': {
      if (hasNoMissing(column.values)) place.strings(name, column.values, STRINGS);
      // A missing value has no place among strings; as a category it has.
      else writeColumn(place, name, asCategories(column.values));
      return;
    }
    case 'numeric': {
      const { values } = column;
      const integers = integersOf(column);
      // pandas' own integers have 64 bits.
      const data =
        integers instanceof Int32Array ? BigInt64Array.from(integers, BigInt) : (integers ?? values);
      const missing = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0));
      if (!integers || !missing.includes(1)) {
        place.numbers(name, data, [values.length], ARRAY);
        return;
      }
      const group = place.group(name, encoding('nullable-integer', '0.1.0'));
      group.numbers('values', data, [values.length], ARRAY);
      group.booleans('mask', missing, ARRAY);
      return;
    }
    case 'boolean': {
      if (!column.missing) {
        place.booleans(name, column.values, ARRAY);
        return;
      }
      const group = place.group(name, encoding('nullable-boolean', '0.1.0'));
      group.booleans('values', column.values, ARRAY);
      group.booleans('mask', column.missing, ARRAY);
    }
  }
}

/** Codes in a byte each where that is enough, as pandas has them. */
export function codesOf({
  codes,
  categories,
}: Extract<Column, { kind: 'categorical' }>): Int8Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  return categories.length < 128 ? Int8Array.from(codes) : codes;
}

/** Texts with missing ones as a categorical column, its categories sorted. */
export function asCategories(values: readonly (string | null)[]): Extract<Column, { kind: 'categorical' }> {
  const categories = [...new Set(values.filter((value) => value !== null))].sort();
  const code = new Map(categories.map((value, i) => [value, i]));
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : (code.get(value) ?? -1)));
  return { kind: 'categorical', codes, categories, ordered: false };
}

/** Categories as the kind they had in the file. */
function writeCategories(
  place: Place,
  name: string,
  categories: readonly string[],
  kind: 'integer' | 'float' | 'boolean' | undefined,
): void {
  const numbers = Float64Array.from(categories, Number);
  if (kind === 'boolean') {
    const flags = Uint8Array.from(categories, (text) => (text === 'True' ? 1 : 0));
    place.booleans(name, flags, ARRAY);
  } else if (kind === 'integer' && numbers.every(Number.isSafeInteger)) {
    place.numbers(name, BigInt64Array.from(numbers, BigInt), [numbers.length], ARRAY);
  } else if (kind === 'float') {
    place.numbers(name, numbers, [numbers.length], ARRAY);
  } else {
    place.strings(name, distinctTexts(categories), STRINGS);
  }
}

/** Texts as anndata can read them, made different again where that made them equal. */
export function distinctTexts(texts: readonly string[]): string[] {
  const taken = new Set<string>();
  return texts.map((text) => uniqueName(storable(text), taken));
}

function writeFrame(root: Place, name: string, index: readonly string[], columns: readonly string[]): Place {
  const group = root.group(name, {
    ...encoding('dataframe', '0.2.0'),
    _index: '_index',
    'column-order': columns,
  });
  group.strings('_index', index, STRINGS);
  return group;
}

/** Names as members of a group: `/` would nest, `.` and `_index` mean something else. */
export function safeNames(names: readonly string[], used: Iterable<string> = []): string[] {
  const taken = new Set([...RESERVED, ...used]);
  return names.map((name) => uniqueName(storable(name).replaceAll('/', '|') || 'unnamed', taken));
}

/** Text that anndata can read: without NUL, and without the half surrogate pairs that come of bytes that are no UTF-8. */
export function storable(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');
}

export function hasNoMissing(values: readonly (string | null)[]): values is readonly string[] {
  return values.every((value) => value !== null);
}
