import { asLong, asText, boolean, categorical, columnLength, kindOfCategories, numeric } from '../columns.ts';
import type { Column } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { type Hierarchy, toNumbers } from '../hierarchy.ts';
import type { Table } from '../table.ts';

/** Where anndata 0.7 kept the categories of `obs/<name>`: `obs/__categories/<name>`. */
const OLD_CATEGORIES = '__categories';
const MAX_ROWS = 50_000_000;

/**
 * A table stored as a group with one member a column (anndata ≥ 0.7), in its old (`__categories`) and new
 * (categorical and nullable groups) encodings.
 */
export function openDataFrame(reader: Hierarchy, path: string): Table {
  const members = reader.keys(path);
  const index = indexOf(reader, path, members);
  const rows = reader.describe(arrayOf(reader, `${path}/${index}`)).shape[0] ?? 0;
  if (rows > MAX_ROWS) throw new DataError('too-large', `${path} claims ${rows} rows`, path);
  const ordered = reader.attribute(path, 'column-order');
  const listed = Array.isArray(ordered) ? ordered.filter((name) => typeof name === 'string') : [];
  const present = new Set(members);
  // A column named `a/b` lies as the member `b` of a group `a`.
  const named = listed.filter(
    (name) => present.has(name) || (name.includes('/') && reader.type(`${path}/${name}`) !== null),
  );
  const known = new Set(named);
  const columns = [...named, ...members.filter((name) => !known.has(name))].filter(
    (name) => name !== index && name !== OLD_CATEGORIES && isColumn(reader, `${path}/${name}`, rows),
  );

  return {
    rows,
    columns,
    async names() {
      return asText(await readColumn(reader, path, index, rows));
    },
    async column(name) {
      if (!columns.includes(name)) throw new DataError('missing', `${path} has no column ${name}`, name);
      return readColumn(reader, path, name, rows);
    },
  };
}

function indexOf(reader: Hierarchy, path: string, members: readonly string[]): string {
  const candidates = [reader.textAttribute(path, '_index'), '_index', 'index'];
  const index = candidates.find((name) => name !== null && members.includes(name));
  if (index == null) throw new DataError('not-anndata', `${path} has no index column`, path);
  return index;
}

/** The dataset whose length is the column's: nullable and categorical columns are groups. */
function arrayOf(reader: Hierarchy, path: string): string {
  if (reader.type(path) === 'dataset') return path;
  const members = reader.keys(path);
  const array = ['codes', 'values'].find((name) => members.includes(name));
  if (array === undefined) throw new DataError('unsupported-type', `${path} is no column we know`, path);
  return `${path}/${array}`;
}

function isColumn(reader: Hierarchy, path: string, rows: number): boolean {
  try {
    const { shape, kind } = reader.describe(arrayOf(reader, path));
    return shape.length === 1 && shape[0] === rows && kind !== 'compound' && kind !== 'other';
  } catch {
    return false;
  }
}

async function readColumn(reader: Hierarchy, table: string, name: string, rows: number): Promise<Column> {
  const path = `${table}/${name}`;
  const column =
    reader.type(path) === 'group'
      ? await readGroupColumn(reader, path)
      : await readArrayColumn(reader, path, `${table}/${OLD_CATEGORIES}/${name}`);
  if (columnLength(column) !== rows) {
    throw new DataError('bad-shape', `${path} has ${columnLength(column)} entries for ${rows} rows`, path);
  }
  return column;
}

async function readGroupColumn(reader: Hierarchy, path: string): Promise<Column> {
  const members = reader.keys(path);
  if (members.includes('codes') && members.includes('categories')) {
    const codes = await reader.numbers(`${path}/codes`);
    const ordered = Number(reader.attribute(path, 'ordered') ?? 0) !== 0;
    const categories = await readCategories(reader, `${path}/categories`);
    return categorical(codes, asText(categories), ordered, path, kindOfCategories(categories));
  }
  const values = await readArrayColumn(reader, `${path}/values`, '');
  if (!members.includes('mask')) return values;
  const mask = await reader.numbers(`${path}/mask`);
  if (mask.length !== columnLength(values))
    throw new DataError('bad-shape', `${path}/mask has another length`, path);
  switch (values.kind) {
    case 'numeric':
      return numeric(values.values, values.integer, mask, values.exact);
    case 'boolean':
      return boolean(values.values, mask);
    case 'string':
      return { kind: 'string', values: values.values.map((value, i) => (mask[i] ? null : value)) };
    case 'categorical':
      return values;
  }
}

async function readCategories(reader: Hierarchy, path: string): Promise<Column> {
  return reader.type(path) === 'group' ? readGroupColumn(reader, path) : readArrayColumn(reader, path, '');
}

async function readArrayColumn(reader: Hierarchy, path: string, oldCategories: string): Promise<Column> {
  const { kind } = reader.describe(path);
  if (kind === 'string') return { kind: 'string', values: await reader.strings(path) };
  if (kind !== 'integer' && kind !== 'float' && kind !== 'boolean') {
    throw new DataError('unsupported-type', `${path} is no column we know`, path);
  }
  const stored = await reader.read(path);
  const values = toNumbers(stored, path);
  if (oldCategories !== '' && reader.type(oldCategories) === 'dataset') {
    const ordered = Number(reader.attribute(oldCategories, 'ordered') ?? 0) !== 0;
    const categories = await readCategories(reader, oldCategories);
    return categorical(values, asText(categories), ordered, path, kindOfCategories(categories));
  }
  return kind === 'boolean'
    ? boolean(values)
    : numeric(values, kind === 'integer', undefined, asLong(stored));
}
