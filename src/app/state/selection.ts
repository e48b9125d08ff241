import type { ProbeCells } from '../../probe/config.ts';
import type { CellSelection, QualityReport } from '../../run/services.ts';
import { type CellChoice, passesQuality, type QualitySettings } from './settings.ts';

/** The user's choice as the dataset service takes it. */
export function toSelection(cells: CellChoice, donorColumn: string | null): CellSelection {
  switch (cells.kind) {
    case 'all':
      return { kind: 'all' };
    case 'first':
      return { kind: 'first', count: cells.count };
    case 'random':
      return { kind: 'random', count: cells.count, seed: cells.seed, balanceBy: donorColumn };
    case 'values':
      if (cells.column === null) return { kind: 'rows', rows: new Uint32Array(0) };
      return { kind: 'values', column: cells.column, values: cells.values };
  }
}

/** The same as plain JSON, for a configuration that somebody else runs. */
export function toProbeCells(cells: CellChoice, donorColumn: string | null): ProbeCells {
  const selection = toSelection(cells, donorColumn);
  return selection.kind === 'rows' ? { kind: 'rows', rows: [...selection.rows] } : selection;
}

/** Rows within the QC thresholds where cells outside are to be left out; else all of them. */
export function withinQuality(
  rows: Uint32Array<ArrayBuffer>,
  report: QualityReport,
  quality: QualitySettings,
): Uint32Array<ArrayBuffer> {
  if (quality.mode === 'flag') return rows;
  const pass = passesQuality(report, quality);
  return rows.filter((row) => pass[row] === 1);
}
