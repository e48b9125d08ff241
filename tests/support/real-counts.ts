import type { Dataset, Group } from 'h5wasm/node';
import { File as H5File, ready } from 'h5wasm/node';
import type { CountRows } from '../../src/tokenize/rows.ts';
import { sharedPath } from './shared.ts';

/** Raw counts of a whole real file (CSR in X), read without src/data so that its bugs cannot hide ours. */
export interface RealCounts extends CountRows {
  readonly columns: number;
  /** A text or categorical column of var; null where a category is missing. */
  varColumn(name: string): (string | null)[];
  obsColumn(name: string): (string | null)[];
}

export async function realCounts(...path: string[]): Promise<RealCounts> {
  await ready;
  const file = new H5File(sharedPath('data', ...path), 'r');
  const value = (name: string): unknown => (file.get(name) as Dataset).value;
  const column = (name: string): (string | null)[] => {
    const entity = file.get(name) as Dataset | Group;
    if ('value' in entity) return [...(entity.value as string[])];
    const categories = value(`${name}/categories`) as string[];
    return Array.from(value(`${name}/codes`) as Int32Array, (code) => (code < 0 ? null : categories[code]));
  };
  const indptr = Uint32Array.from(value('X/indptr') as Int32Array);
  return {
    rowCount: indptr.length - 1,
    indptr,
    indices: Uint32Array.from(value('X/indices') as Int32Array),
    values: Float64Array.from(value('X/data') as Float32Array),
    columns: Number(((file.get('X') as Group).attrs.shape.value as ArrayLike<bigint>)[1]),
    varColumn: (name) => column(`var/${name}`),
    obsColumn: (name) => column(`obs/${name}`),
  };
}
