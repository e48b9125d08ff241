import type { Column } from '../../data/dataset.ts';

/** The value of one cell as text; null = missing or beyond the end. */
export function valueAt(column: Column, row: number): string | null {
  switch (column.kind) {
    case 'categorical':
      return column.categories[column.codes[row]] ?? null;
    case 'string':
      return column.values[row] ?? null;
    case 'numeric': {
      const value = column.values[row];
      return value === undefined || Number.isNaN(value) ? null : String(value);
    }
    case 'boolean':
      if (row >= column.values.length || column.missing?.[row]) return null;
      return column.values[row] ? 'true' : 'false';
  }
}

/** Number of cells a column describes. */
function columnLength(column: Column): number {
  return column.kind === 'categorical' ? column.codes.length : column.values.length;
}

/** Values that occur, in category order or by first appearance. */
export function distinctValues(column: Column, limit = 1000): readonly string[] {
  if (column.kind === 'categorical') return [...new Set(column.categories)];
  const seen = new Set<string>();
  const length = columnLength(column);
  for (let row = 0; row < length && seen.size < limit; row++) {
    const value = valueAt(column, row);
    if (value !== null) seen.add(value);
  }
  return [...seen];
}
