import type { Column } from './dataset.ts';

/** obs or var, however a file encodes it. */
export interface Table {
  readonly rows: number;
  /** Columns that can be read, in file order, without the index. */
  readonly columns: readonly string[];
  /** Row names. */
  names(): Promise<readonly string[]>;
  column(name: string): Promise<Column>;
}
