import type { Column } from './dataset.ts';
import { DataError } from './errors.ts';

/** obs or var, however a file encodes it. */
export interface Table {
  readonly rows: number;
  /** Columns that can be read, in file order, without the index. */
  readonly columns: readonly string[];
  /** Row names. */
  names(): Promise<readonly string[]>;
  column(name: string): Promise<Column>;
}

/** A table in memory. */
export function tableOf(names: readonly string[], columns: ReadonlyMap<string, Column>): Table {
  return {
    rows: names.length,
    columns: [...columns.keys()],
    names: async () => names,
    async column(name) {
      const found = columns.get(name);
      if (!found) throw new DataError('missing', `the file has no column ${name}`, name);
      return found;
    },
  };
}
