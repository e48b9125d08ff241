import type { DenseEmbedding } from '../dataset.ts';
import { DataError } from '../errors.ts';
import type { Hierarchy } from '../hierarchy.ts';

const BLOCK = 20_000;
const MAX_VALUES = 2 ** 28;

/** obsm members that are numeric arrays of one row a cell. */
export function embeddingKeys(reader: Hierarchy, cells: number): readonly string[] {
  if (reader.type('obsm') === 'dataset') return compoundMembers(reader, cells).map(({ name }) => name);
  return reader.keys('obsm').filter((key) => {
    const path = `obsm/${key}`;
    if (reader.type(path) !== 'dataset') return false;
    const { shape, kind } = reader.describe(path);
    return (
      shape.length === 2 && shape[0] === cells && shape[1] > 0 && (kind === 'float' || kind === 'integer')
    );
  });
}

/** [cells, columns] of one obsm member. */
export async function readEmbedding(reader: Hierarchy, key: string, cells: number): Promise<DenseEmbedding> {
  if (!embeddingKeys(reader, cells).includes(key))
    throw new DataError('missing', `obsm has no array ${key}`, key);
  if (reader.type('obsm') === 'dataset') return readCompoundMember(reader, key, cells);
  const path = `obsm/${key}`;
  const columns = reader.describe(path).shape[1];
  const data = allocate(cells, columns, path);
  const exact = new Float64Array(isWithinFloat32(reader.describe(path)) ? 0 : data.length);
  for (let from = 0; from < cells; from += BLOCK) {
    const block = await reader.numbers(path, from, Math.min(from + BLOCK, cells));
    data.set(block, from * columns);
    if (exact.length > 0) exact.set(block, from * columns);
  }
  return asEmbedding(data, columns, exact);
}

/** Keeps the doubles only where float32 has changed one. */
function asEmbedding(
  data: Float32Array<ArrayBuffer>,
  columns: number,
  exact: Float64Array<ArrayBuffer>,
): DenseEmbedding {
  const rounded = exact.some((value, i) => value !== data[i] && !Number.isNaN(value));
  return rounded ? { data, columns, exact } : { data, columns };
}

function isWithinFloat32({ kind, size }: { readonly kind: string; readonly size: number }): boolean {
  return size < 4 || (kind === 'float' && size === 4);
}

interface CompoundMember {
  readonly name: string;
  readonly columns: number;
  /** Of one value. */
  readonly kind: 'float' | 'integer';
  readonly size: number;
}

/** anndata ≤ 0.6 kept obsm as one compound dataset with an array field for each member. */
function compoundMembers(reader: Hierarchy, cells: number): CompoundMember[] {
  const { shape, compound_type } = reader.metadata('obsm');
  if (shape?.length !== 1 || shape[0] !== cells) return [];
  return (compound_type?.members ?? []).flatMap(({ name, array_type }) =>
    array_type?.shape?.length === 1 && array_type.type <= 1
      ? [
          {
            name,
            columns: array_type.shape[0],
            kind: array_type.type === 1 ? ('float' as const) : ('integer' as const),
            size: array_type.size,
          },
        ]
      : [],
  );
}

async function readCompoundMember(reader: Hierarchy, key: string, cells: number): Promise<DenseEmbedding> {
  const members = reader.metadata('obsm').compound_type?.members ?? [];
  const at = members.findIndex(({ name }) => name === key);
  const member = compoundMembers(reader, cells).find(({ name }) => name === key);
  const columns = member?.columns ?? 0;
  const data = allocate(cells, columns, `obsm/${key}`);
  const exact = new Float64Array(!member || isWithinFloat32(member) ? 0 : data.length);
  for (let from = 0; from < cells; from += BLOCK) {
    const block = await reader.read('obsm', from, Math.min(from + BLOCK, cells));
    if (!Array.isArray(block)) throw new DataError('corrupt', 'obsm cannot be read', 'obsm');
    block.forEach((row: readonly number[][], i) => {
      data.set(row[at], (from + i) * columns);
      if (exact.length > 0) exact.set(row[at], (from + i) * columns);
    });
  }
  return asEmbedding(data, columns, exact);
}

function allocate(cells: number, columns: number, path: string): Float32Array<ArrayBuffer> {
  if (cells * columns > MAX_VALUES)
    throw new DataError('too-large', `${path} holds ${cells} × ${columns} values`, path);
  return new Float32Array(cells * columns);
}
