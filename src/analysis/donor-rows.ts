import type { DonorStanding } from './donors.ts';
import { commonest, type ScoreInput } from './score-input.ts';

/** One donor; arrays are per class. Means and spread are over the cells shown; NaN where none is. */
export interface DonorRow {
  readonly donor: string;
  readonly standing: DonorStanding;
  readonly cells: number;
  readonly shown: number;
  /** Commonest recorded class, −1 = none recorded. */
  readonly recorded: number;
  /** Cells of this donor carry several recorded classes, so the donor has none to be right about. */
  readonly mixed: boolean;
  readonly mean: Float64Array;
  readonly sd: Float64Array;
  /** 5 % and 95 % quantiles. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Class of the highest mean probability, −1 where no cell is shown. */
  readonly predicted: number;
  /** Counted in the scores: not seen in training, with one recorded class and cells shown. */
  readonly counted: boolean;
}

/** Of a cell or donor nothing is known about. */
export const NO_DONOR: DonorStanding = { status: 'new', study: null };

/** One row per donor with cells, sorted by name. `predicted` is the class of each cell, −1 = none. */
export function donorRows(
  input: ScoreInput,
  predicted: Int32Array,
  standings: ReadonlyMap<string, DonorStanding>,
): DonorRow[] {
  const { donors, classes, probabilities, recorded, withheld } = input;
  if (donors === null) return [];
  const k = classes.length;
  const cellsOf: number[][] = donors.labels.map(() => []);
  donors.codes.forEach((donor, i) => {
    cellsOf[donor]?.push(i);
  });
  const rows = donors.labels.map((donor, d): DonorRow => {
    const cells = cellsOf[d] ?? [];
    const shown = cells.filter((i) => withheld[i] === 0 && predicted[i] !== -1);
    const labels = new Uint32Array(k);
    for (const i of cells) {
      const label = recorded?.[i] ?? -1;
      if (label >= 0) labels[label] = (labels[label] as number) + 1;
    }
    const summaries = classes.map((_, c) =>
      summary(Float64Array.from(shown, (i) => probabilities[i * k + c] as number)),
    );
    const mean = Float64Array.from(summaries, (s) => s.mean);
    const label = commonest(labels);
    const mixed = labels.filter((count) => count > 0).length > 1;
    const standing = standings.get(donor) ?? NO_DONOR;
    return {
      donor,
      standing,
      cells: cells.length,
      shown: shown.length,
      recorded: label,
      mixed,
      mean,
      sd: Float64Array.from(summaries, (s) => s.sd),
      low: Float64Array.from(summaries, (s) => s.low),
      high: Float64Array.from(summaries, (s) => s.high),
      predicted: commonest(mean),
      counted: standing.status !== 'seen' && label >= 0 && !mixed && shown.length > 0,
    };
  });
  return rows
    .filter((row) => row.cells > 0)
    .sort((a, b) => a.donor.localeCompare(b.donor, 'en', { numeric: true }));
}

/** Mean, sample standard deviation (0 for one value), and linearly interpolated 5 % and 95 % quantiles. */
function summary(values: Float64Array): { mean: number; sd: number; low: number; high: number } {
  const n = values.length;
  if (n === 0) return { mean: Number.NaN, sd: Number.NaN, low: Number.NaN, high: Number.NaN };
  const sorted = values.sort();
  const mean = sorted.reduce((sum, v) => sum + v, 0) / n;
  const sd = n < 2 ? 0 : Math.sqrt(sorted.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1));
  const quantile = (p: number) => {
    const at = p * (n - 1);
    const i = Math.floor(at);
    const from = sorted[i] as number;
    return from + ((sorted[Math.min(n - 1, i + 1)] as number) - from) * (at - i);
  };
  return { mean, sd, low: quantile(0.05), high: quantile(0.95) };
}
