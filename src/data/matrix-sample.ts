import type { SparseRows } from './dataset.ts';

/** What the values looked at are like. */
export interface MatrixSample {
  cells: number;
  notANumber: number;
  infinite: number;
  negative: number;
  fractional: number;
  /** Whole numbers above 0. */
  whole: number;
  largest: number;
  smallestLibrary: number;
  largestLibrary: number;
  /** Extremes over cells of Σ exp(value) − 1, which are equal where counts were scaled and then logged. */
  smallestUnlogged: number;
  largestUnlogged: number;
  /** [cells] sum of each. */
  readonly totals: number[];
}

/** Log-normalised values rarely exceed ln(1 + 10⁶). */
const LARGEST_LOGGED = 15;
/**
 * Corrected and estimated counts keep many whole numbers (genes without ambient RNA, reads that map once);
 * logarithms have hardly any.
 */
const LEAST_WHOLE_SHARE = 0.02;
/** Totals that differ by less were scaled to one library size. */
const SAME_TOTALS = 1.01;

export function emptySample(): MatrixSample {
  return {
    cells: 0,
    notANumber: 0,
    infinite: 0,
    negative: 0,
    fractional: 0,
    whole: 0,
    largest: 0,
    smallestLibrary: Number.POSITIVE_INFINITY,
    largestLibrary: 0,
    smallestUnlogged: Number.POSITIVE_INFINITY,
    largestUnlogged: 0,
    totals: [],
  };
}

/** Adds rows to what has been seen; empty cells count for nothing but their number. */
export function addRows(sample: MatrixSample, rows: SparseRows): void {
  for (let row = 0; row < rows.rowCount; row++) {
    sample.cells++;
    let library = 0;
    let unlogged = 0;
    for (let k = rows.indptr[row]; k < rows.indptr[row + 1]; k++) {
      const value = rows.values[k];
      if (Number.isNaN(value)) sample.notANumber++;
      else if (!Number.isFinite(value)) sample.infinite++;
      else if (value < 0) sample.negative++;
      else if (!Number.isInteger(value)) sample.fractional++;
      else if (value > 0) sample.whole++;
      if (value > sample.largest) sample.largest = value;
      library += value;
      unlogged += Math.expm1(value);
    }
    sample.totals.push(library);
    if (rows.indptr[row + 1] === rows.indptr[row]) continue;
    sample.smallestLibrary = Math.min(sample.smallestLibrary, library);
    sample.largestLibrary = Math.max(sample.largestLibrary, library);
    sample.smallestUnlogged = Math.min(sample.smallestUnlogged, unlogged);
    sample.largestUnlogged = Math.max(sample.largestUnlogged, unlogged);
  }
}

/** Raw counts: finite non-negative integers, not all of them 0. */
export function isCounts(sample: MatrixSample): boolean {
  const { notANumber, infinite, negative, fractional, largest } = sample;
  return notANumber + infinite + negative + fractional === 0 && largest > 0;
}

/** What values that are neither counts nor broken are, as far as they tell. */
type Scale = 'negative' | 'logged' | 'scaled-to-total' | 'fractional-counts';

/** Null for counts, for broken values and for zeros alone. */
export function scaleOf(sample: MatrixSample): Scale | null {
  if (sample.notANumber + sample.infinite > 0) return null;
  if (sample.negative > 0) return 'negative';
  if (sample.fractional === 0) return null;
  const wholeShare = sample.whole / (sample.whole + sample.fractional);
  if (sample.largest <= LARGEST_LOGGED && wholeShare < LEAST_WHOLE_SHARE) return 'logged';
  const constant = sample.largestLibrary / sample.smallestLibrary < SAME_TOTALS;
  return constant && sample.cells > 1 ? 'scaled-to-total' : 'fractional-counts';
}

/** The finding in a few words, without a full stop. */
export function describeSample(sample: MatrixSample): string {
  const broken = [
    sample.notANumber > 0 ? `${number(sample.notANumber)} values that are not a number (NaN)` : '',
    sample.infinite > 0 ? `${number(sample.infinite)} infinite values` : '',
  ].filter(Boolean);
  if (broken.length > 0) {
    const negative = sample.negative > 0 ? [`${number(sample.negative)} negative values`] : [];
    return `has ${[...broken, ...negative].join(', ')}`;
  }
  switch (scaleOf(sample)) {
    case 'negative':
      return sample.fractional > 0 ? 'has negative values: scaled' : 'has negative values';
    case 'logged':
      return sample.largestUnlogged / sample.smallestUnlogged < SAME_TOTALS
        ? `log-normalised (each cell adds up to ${number(Math.round(sample.largestUnlogged))} before the logarithm)`
        : `not whole numbers, largest ${number(sample.largest)}: log-normalised`;
    case 'scaled-to-total':
      return `not whole numbers, each cell adds up to ${number(sample.largestLibrary)}: normalised`;
    case 'fractional-counts':
      return `not whole numbers, largest ${number(sample.largest)}, ${libraries(sample)}: corrected or estimated counts, or normalised`;
    case null:
      if (sample.largest === 0) return 'only zeros';
      return `whole numbers, ${sample.largest === 1 ? 'none above 1, ' : ''}${libraries(sample)}`;
  }
}

function libraries({ smallestLibrary, largestLibrary }: MatrixSample): string {
  return `library sizes ${number(smallestLibrary)}–${number(largestLibrary)}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}
