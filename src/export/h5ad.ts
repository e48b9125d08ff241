import type { Column } from '../data/dataset.ts';
import type { H5Library } from '../data/h5ad/runtime.ts';
import { BOOLEAN_DTYPE, booleanData } from './boolean-type.ts';
import { type ExportTable, uniqueName } from './table.ts';

type H5File = InstanceType<H5Library['File']>;
type H5Group = InstanceType<H5Library['Group']>;
type H5Dataset = InstanceType<H5Library['Dataset']>;
type Place = H5File | H5Group;

/**
 * Writes the table as an `.h5ad` of the encoding of anndata 0.8: obs, obsm, uns, no X and no genes
 * (n × 0). HDF5's boolean type, which h5wasm cannot write, is put in afterwards (boolean-type.ts).
 * @param path where the library may create a file
 */
export function writeH5ad(library: H5Library, path: string, table: ExportTable): void {
  const file = new library.File(path, 'w');
  try {
    encoded(file, 'anndata', '0.1.0');
    const columnNames = safeNames(table.columns.map(({ name }) => name));
    writeFrame(
      file,
      'obs',
      table.obsNames,
      columnNames,
      table.columns.map(({ column }) => column),
    );
    writeFrame(file, 'var', [], [], []);
    const obsm = dictionary(file, 'obsm');
    const keys = safeNames(table.embeddings.map(({ key }) => key));
    for (const [i, { data, columns }] of table.embeddings.entries()) {
      writeArray(obsm, keys[i], data, [table.obsNames.length, columns]);
    }
    for (const name of ['varm', 'obsp', 'varp', 'layers']) dictionary(file, name);
    const uns = dictionary(file, 'uns');
    const about = dictionary(uns, 'teddy');
    for (const [name, value] of Object.entries(table.about)) writeScalar(about, name, value);
    for (const [i, { name }] of table.columns.entries()) {
      const colors = table.colors[name];
      if (colors) writeStrings(uns, `${columnNames[i]}_colors`, colors);
    }
  } finally {
    file.close();
  }
}

/** Names as members of a group: `/` would nest, `.` and `_index` mean something else. */
function safeNames(names: readonly string[]): string[] {
  const taken = new Set(['_index', '__categories', '.', '..', '']);
  return names.map((name) => uniqueName(storable(name).replaceAll('/', '|') || 'unnamed', taken));
}

/** Text that anndata can read: without NUL, and without the half surrogate pairs that come of bytes that are no UTF-8. */
function storable(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');
}

function encoded(place: Place | H5Dataset, type: string, version: string): void {
  place.create_attribute('encoding-type', type);
  place.create_attribute('encoding-version', version);
}

function dictionary(place: Place, name: string): H5Group {
  const group = place.create_group(name);
  encoded(group, 'dict', '0.1.0');
  return group;
}

function writeFrame(
  file: H5File,
  name: string,
  index: readonly string[],
  names: readonly string[],
  columns: readonly Column[],
): void {
  const group = file.create_group(name);
  encoded(group, 'dataframe', '0.2.0');
  group.create_attribute('_index', '_index');
  if (names.length > 0) group.create_attribute('column-order', [...names]);
  else group.create_attribute('column-order', new Float64Array(0), [0], '<d');
  writeStrings(group, '_index', index);
  for (const [i, column] of columns.entries()) writeColumn(group, names[i], column);
}

function writeColumn(place: H5Group, name: string, column: Column): void {
  switch (column.kind) {
    case 'categorical': {
      const group = place.create_group(name);
      encoded(group, 'categorical', '0.2.0');
      group.create_attribute('ordered', booleanData([column.ordered ? 1 : 0]), [], BOOLEAN_DTYPE);
      writeCategories(group, column.categories, column.categoryKind);
      const small = column.categories.length < 128;
      const codes = small ? Int8Array.from(column.codes) : column.codes;
      writeArray(group, 'codes', codes, [codes.length]);
      return;
    }
    case 'string': {
      if (column.values.every((value) => value !== null)) {
        writeStrings(place, name, column.values);
        return;
      }
      // A missing value has no place among strings; as a category it has.
      const categories = [...new Set(column.values.filter((value) => value !== null))].sort();
      const code = new Map(categories.map((value, i) => [value, i]));
      const codes = Int32Array.from(column.values, (value) =>
        value === null ? -1 : (code.get(value) ?? -1),
      );
      writeColumn(place, name, { kind: 'categorical', codes, categories, ordered: false });
      return;
    }
    case 'numeric': {
      const { values, integer } = column;
      const missing = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0));
      const whole = integer && values.every((value, i) => missing[i] || Number.isSafeInteger(value));
      if (!whole) {
        writeArray(place, name, values, [values.length]);
        return;
      }
      const data = BigInt64Array.from(values, (value) => BigInt(Number.isNaN(value) ? 0 : value));
      if (!missing.includes(1)) {
        writeArray(place, name, data, [data.length]);
        return;
      }
      const group = place.create_group(name);
      encoded(group, 'nullable-integer', '0.1.0');
      writeArray(group, 'values', data, [data.length]);
      writeBooleans(group, 'mask', missing);
      return;
    }
    case 'boolean': {
      if (!column.missing) {
        writeBooleans(place, name, column.values);
        return;
      }
      const group = place.create_group(name);
      encoded(group, 'nullable-boolean', '0.1.0');
      writeBooleans(group, 'values', column.values);
      writeBooleans(group, 'mask', column.missing);
    }
  }
}

/** Categories as the kind they had in the file. */
function writeCategories(
  place: H5Group,
  categories: readonly string[],
  kind: 'integer' | 'float' | 'boolean' | undefined,
): void {
  const numbers = Float64Array.from(categories, Number);
  if (kind === 'boolean')
    writeBooleans(
      place,
      'categories',
      Uint8Array.from(categories, (text) => (text === 'True' ? 1 : 0)),
    );
  else if (kind === 'integer' && numbers.every(Number.isSafeInteger))
    writeArray(place, 'categories', BigInt64Array.from(numbers, BigInt), [numbers.length]);
  else if (kind === 'float') writeArray(place, 'categories', numbers, [numbers.length]);
  else {
    const taken = new Set<string>();
    writeStrings(
      place,
      'categories',
      categories.map((category) => uniqueName(storable(category), taken)),
    );
  }
}

type Numbers = Int8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;

function writeArray(place: Place, name: string, data: Numbers, shape: number[]): void {
  encoded(place.create_dataset({ name, data, shape }), 'array', '0.2.0');
}

function writeBooleans(place: Place, name: string, values: Uint8Array): void {
  const data = booleanData(values);
  const dataset = place.create_dataset({ name, data, shape: [values.length], dtype: BOOLEAN_DTYPE });
  encoded(dataset, 'array', '0.2.0');
}

function writeStrings(place: Place, name: string, values: readonly string[]): void {
  const data = values.map(storable);
  encoded(place.create_dataset({ name, data, shape: [data.length], dtype: 'S' }), 'string-array', '0.2.0');
}

function writeScalar(place: Place, name: string, value: string | number): void {
  if (typeof value === 'string') {
    encoded(place.create_dataset({ name, data: value, shape: [], dtype: 'S' }), 'string', '0.2.0');
  } else {
    const number = Number.isSafeInteger(value)
      ? { data: BigInt64Array.of(BigInt(value)), dtype: '<q' }
      : { data: value, dtype: '<d' };
    encoded(place.create_dataset({ name, shape: [], ...number }), 'numeric-scalar', '0.2.0');
  }
}
