import { asText, boolean, categorical, longOf, numeric } from '../columns.ts';
import type { Column } from '../dataset.ts';
import { DataError } from '../errors.ts';
import type { Hierarchy } from '../hierarchy.ts';
import type { Table } from '../table.ts';
import { elementKind } from './reader.ts';

/** Rows of a compound dataset read at once; each becomes an array of fields. */
const BLOCK = 20_000;
const MAX_ROWS = 50_000_000;

/**
 * A table stored as one compound dataset (anndata ≤ 0.6): the index is a field, categories lie in
 * `uns/<column>_categories`.
 */
export function openCompoundTable(reader: Hierarchy, path: string): Table {
  const metadata = reader.metadata(path);
  const members = metadata.compound_type?.members ?? [];
  if (metadata.shape?.length !== 1 || members.length === 0) {
    throw new DataError('not-anndata', `${path} is no table`, path);
  }
  const rows = metadata.shape[0];
  if (rows > MAX_ROWS) throw new DataError('too-large', `${path} claims ${rows} rows`, path);
  const names = members.map((member) => member.name);
  const index = names.find((name) => name === 'index' || name === '_index') ?? names[0];
  const usable = members.filter((member) => !['other', 'compound'].includes(elementKind(member)));
  const columns = usable.map((member) => member.name).filter((name) => name !== index);

  async function field(name: string): Promise<Column> {
    const at = names.indexOf(name);
    const kind = elementKind(members[at]);
    const values: unknown[] = [];
    for (let from = 0; from < rows; from += BLOCK) {
      const block = await reader.read(path, from, Math.min(from + BLOCK, rows));
      if (!Array.isArray(block)) throw new DataError('corrupt', `${path} is no table`, path);
      for (const row of block) values.push(row[at]);
    }
    if (kind === 'string') return { kind: 'string', values: values.map(String) };
    const numbers = values.map(Number);
    const categories = `uns/${name}_categories`;
    if (kind === 'integer' && name !== index && reader.type(categories) === 'dataset') {
      return categorical(numbers, await oldCategories(reader, categories), false, `${path}/${name}`);
    }
    if (kind === 'boolean') return boolean(numbers);
    const long = values.every((value) => typeof value === 'bigint') ? longOf(values) : undefined;
    return numeric(numbers, kind === 'integer', undefined, long);
  }

  return {
    rows,
    columns,
    async names() {
      return asText(await field(index));
    },
    async column(name) {
      if (!columns.includes(name)) throw new DataError('missing', `${path} has no column ${name}`, name);
      return field(name);
    },
  };
}

async function oldCategories(reader: Hierarchy, path: string): Promise<readonly string[]> {
  if (reader.describe(path).kind === 'string') return reader.strings(path);
  return Array.from(await reader.numbers(path), String);
}
