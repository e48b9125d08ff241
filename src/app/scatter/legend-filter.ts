import type { LegendFilter, LegendModel } from './types.ts';

/** A plain click: only this row; a second click on the only row shown: all again. */
export function isolate(filter: LegendFilter, row: number): LegendFilter {
  return filter?.size === 1 && filter.has(row) ? null : new Set([row]);
}

/** Rows that can be shown or hidden: those of the legend and, as −1, the cells on a colour bar. */
export function legendRows(legend: LegendModel): readonly number[] {
  const rows = legend.items.map((_, row) => row);
  return legend.kind === 'continuous' ? [-1, ...rows] : rows;
}

/** Shift- or ⌘/Ctrl-click: this row on or off. All on, or none left, is "all". */
export function toggle(filter: LegendFilter, row: number, rows: readonly number[]): LegendFilter {
  const next = new Set(filter ?? rows);
  if (!next.delete(row)) next.add(row);
  return next.size === rows.length || next.size === 0 ? null : next;
}
