import type { SparseRows } from './dataset.ts';

/** What the values looked at are like. */
export interface MatrixSample {
  cells: number;
  notANumber: number;
  infinite: number;
  negative: number;
  fractional: number;
  largest: number;
  smallestLibrary: number;
  largestLibrary: number;
  /** Extremes over cells of Σ exp(value) − 1, which are equal where counts were scaled and then logged. */
  smallestUnlogged: number;
  largestUnlogged: number;
}

/** Log-normalised values rarely exceed ln(1 + 10⁶). */
const LARGEST_LOGGED = 15;

export function emptySample(): MatrixSample {
  return {
    cells: 0,
    notANumber: 0,
    infinite: 0,
    negative: 0,
    fractional: 0,
    largest: 0,
    smallestLibrary: Number.POSITIVE_INFINITY,
    largestLibrary: 0,
    smallestUnlogged: Number.POSITIVE_INFINITY,
    largestUnlogged: 0,
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
      if (value > sample.largest) sample.largest = value;
      library += value;
      unlogged += Math.expm1(value);
    }
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

/** The finding in a few words, without a full stop. */
export function describeSample(sample: MatrixSample): string {
  const number = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 1 });
  const broken = [
    sample.notANumber > 0 ? `${number(sample.notANumber)} values that are not a number (NaN)` : '',
    sample.infinite > 0 ? `${number(sample.infinite)} infinite values` : '',
  ].filter(Boolean);
  if (broken.length > 0) {
    const negative = sample.negative > 0 ? [`${number(sample.negative)} negative values`] : [];
    return `has ${[...broken, ...negative].join(', ')}`;
  }
  if (sample.negative > 0)
    return sample.fractional > 0 ? 'has negative values: scaled' : 'has negative values';
  if (sample.fractional > 0) {
    const spread = sample.largestUnlogged / sample.smallestUnlogged;
    if (sample.largest <= LARGEST_LOGGED && spread < 1.01) {
      return `log-normalised (each cell adds up to ${number(Math.round(sample.largestUnlogged))} before the logarithm)`;
    }
    const kind = sample.largest <= LARGEST_LOGGED ? 'log-normalised' : 'normalised';
    return `not whole numbers, largest ${number(sample.largest)}: ${kind}`;
  }
  if (sample.largest === 0) return 'only zeros';
  const libraries = `library sizes ${number(sample.smallestLibrary)}–${number(sample.largestLibrary)}`;
  return `whole numbers, ${sample.largest === 1 ? 'none above 1, ' : ''}${libraries}`;
}
