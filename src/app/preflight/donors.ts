import type { Column } from '../../data/dataset.ts';
import { valueAt } from '../common/column.ts';

/** Distinct donors among the first `count` cells of the file. */
export function donorsAmongFirst(donors: Column, count: number): readonly string[] {
  const seen = new Set<string>();
  for (let cell = 0; cell < count; cell++) {
    const value = valueAt(donors, cell);
    if (value !== null) seen.add(value);
  }
  return [...seen];
}
