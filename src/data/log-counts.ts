import type { SparseRows } from './dataset.ts';

/**
 * What one count became before the logarithm: itself (log1p of the counts), or the smallest value of its
 * cell (log1p of counts scaled to a library size, in which one count is a different number in each cell);
 * the last in a file whose values were rounded to three decimals or so.
 */
export type CountUnit = 'count' | 'smallest' | 'smallest-rounded';

/** In a cell without a gene counted once, the smallest value stands for this many counts at most. */
const MOST_IN_SMALLEST = 10;
/** Ratios below this take part in measuring the unit: their own rounding is far below one half. */
const SURELY_ROUNDED = 64;

/**
 * How far from a whole number a recovered count may lie: float32 keeps a logarithm to 6e-8 of itself, which
 * is some 1e-6 of the count; three decimals keep it to 5e-4, and the count with its unit to 1.1e-3 in pbmc68k.
 * Values of other data lie anywhere between two whole numbers.
 */
interface Tolerance {
  readonly least: number;
  readonly share: number;
}

const MOST_OFF = 0.2;
const AS_FLOAT32: Tolerance = { least: 1e-3, share: 1e-5 };
const AS_DECIMALS: Tolerance = { least: 0.01, share: 2e-3 };

/**
 * The counts of log-normalised rows: expm1 of each value over the cell's unit, where that gives whole
 * numbers for every value. A cell whose counts have a common divisor is recovered divided by it, which
 * changes none of its ranks: they are taken of shares.
 * @returns the counts, or the first row (within the block) that is not the logarithm of scaled counts
 */
export function recoverCounts(
  rows: SparseRows,
  unit: CountUnit,
): SparseRows | { readonly failedRow: number } {
  const tolerance = unit === 'smallest-rounded' ? AS_DECIMALS : AS_FLOAT32;
  const values = new Float64Array(rows.values.length);
  for (let k = 0; k < values.length; k++) values[k] = Math.expm1(rows.values[k]);
  for (let row = 0; row < rows.rowCount; row++) {
    const cell = values.subarray(rows.indptr[row], rows.indptr[row + 1]);
    const recovered = unit === 'count' ? roundAll(cell, 1, tolerance) : recoverScaled(cell, tolerance);
    if (!recovered) return { failedRow: row };
  }
  return { ...rows, values };
}

function recoverScaled(cell: Float64Array, tolerance: Tolerance): boolean {
  let smallest = Number.POSITIVE_INFINITY;
  for (const value of cell) if (value < smallest) smallest = value;
  for (let counts = 1; counts <= MOST_IN_SMALLEST; counts++) {
    const unit = measuredUnit(cell, smallest / counts, tolerance);
    if (unit !== null && roundAll(cell, unit, tolerance)) return true;
  }
  return cell.length === 0;
}

/**
 * The unit taken from all small counts of a cell, so that large ones are divided by a better number; null
 * where one of them is no whole number of units, which a mean over them would hide.
 */
function measuredUnit(cell: Float64Array, unit: number, tolerance: Tolerance): number | null {
  let sum = 0;
  let counts = 0;
  for (const value of cell) {
    const ratio = value / unit;
    if (!(ratio < SURELY_ROUNDED)) continue;
    if (!isWhole(ratio, tolerance)) return null;
    sum += value;
    counts += Math.round(ratio);
  }
  return sum / counts;
}

/** Replaces the values by whole numbers of units, or changes nothing where one is none. */
function roundAll(cell: Float64Array, unit: number, tolerance: Tolerance): boolean {
  for (const value of cell) if (!isWhole(value / unit, tolerance)) return false;
  for (let k = 0; k < cell.length; k++) cell[k] = Math.round(cell[k] / unit);
  return true;
}

function isWhole(ratio: number, { least, share }: Tolerance): boolean {
  const count = Math.round(ratio);
  return count >= 1 && Math.abs(ratio - count) <= Math.min(MOST_OFF, least + share * count);
}
