import { Pacer } from '../../analysis/pacer.ts';
import { Random } from '../../analysis/random.ts';
import { symmetricEigen } from '../linear-algebra/jacobi.ts';
import type { LogCounts } from '../types.ts';

/** Directions carried beside the wanted ones, and turns: Halko, Martinsson & Tropp 2011, with room to spare. */
const SPARE = 10;
const TURNS = 5;
/** Share of the greatest variance below which a direction is rounding. */
const NOTHING = 1e-10;

/** Principal components of sparse cells. */
export interface Components {
  readonly count: number;
  /** [columns, count], orthonormal, of descending variance; the largest entry of each is positive. */
  readonly axes: Float64Array<ArrayBuffer>;
  /** [columns] mean of the training cells. */
  readonly mean: Float64Array<ArrayBuffer>;
  /** [count] variance along each axis over the training cells (population). */
  readonly variances: Float64Array<ArrayBuffer>;
}

/**
 * The first principal components of `rows` of a sparse matrix by block power iteration on the centred
 * cells, which are never written out: with V the axes, a cell's scores are Vᵀx − Vᵀmean.
 * @param rows the cells fitted on
 * @returns fewer than `count` where the cells vary in fewer directions
 * @throws the signal's reason once it aborted
 */
export async function principalComponents(
  cells: LogCounts,
  rows: ArrayLike<number>,
  count: number,
  options: { readonly seed: number; readonly signal?: AbortSignal | undefined },
): Promise<Components> {
  const m = cells.columns;
  // A multiple of four for the loops below; directions that m columns do not have become zero.
  const width = 4 * Math.ceil(Math.min(count + SPARE, m) / 4);
  const mean = columnMeans(cells, rows);
  const random = new Random(options.seed);
  let axes: Float64Array<ArrayBuffer> = Float64Array.from(
    { length: m * width },
    () => random.uniform() - 0.5,
  );
  orthonormalize(axes, width);
  const pacer = new Pacer(options.signal);
  const scores = new Float64Array(width);
  for (let turn = 0; turn < TURNS; turn++) {
    const next = new Float64Array(m * width);
    const offset = offsetOf(axes, mean, width);
    for (let r = 0; r < rows.length; r++) {
      project(cells, rows[r], axes, offset, scores);
      // Centring of this product falls away: scores of centred cells sum to zero.
      addOuter(next, cells, rows[r], scores);
      if (r % 256 === 0) await pacer.pause();
    }
    orthonormalize(next, width);
    axes = next;
  }
  const gram = new Float64Array(width * width);
  const offset = offsetOf(axes, mean, width);
  for (let r = 0; r < rows.length; r++) {
    project(cells, rows[r], axes, offset, scores);
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) gram[i * width + j] += (scores[i] * scores[j]) / rows.length;
    }
    if (r % 256 === 0) await pacer.pause();
  }
  const eigen = symmetricEigen(gram);
  const kept = eigen.values.subarray(0, count).filter((value) => value > NOTHING * eigen.values[0]);
  return { count: kept.length, axes: turned(axes, eigen.vectors, width, kept.length), mean, variances: kept };
}

/** @returns [rows of `cells`, count] scores, as float32 */
export async function componentScores(
  cells: LogCounts,
  components: Components,
  signal?: AbortSignal,
): Promise<Float32Array<ArrayBuffer>> {
  const { axes, count, mean } = components;
  const n = cells.indptr.length - 1;
  const out = new Float32Array(n * count);
  const offset = offsetOf(axes, mean, count);
  const scores = new Float64Array(count);
  const pacer = new Pacer(signal);
  for (let r = 0; r < n; r++) {
    project(cells, r, axes, offset, scores);
    out.set(scores, r * count);
    if (r % 256 === 0) await pacer.pause();
  }
  return out;
}

function columnMeans(cells: LogCounts, rows: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const mean = new Float64Array(cells.columns);
  for (let r = 0; r < rows.length; r++) {
    for (let p = cells.indptr[rows[r]]; p < cells.indptr[rows[r] + 1]; p++) {
      mean[cells.indices[p]] += cells.values[p] / rows.length;
    }
  }
  return mean;
}

/** [width] the mean's own scores. */
function offsetOf(axes: Float64Array, mean: Float64Array, width: number): Float64Array {
  const offset = new Float64Array(width);
  mean.forEach((value, g) => {
    for (let w = 0; w < width; w++) offset[w] += value * axes[g * width + w];
  });
  return offset;
}

/** out = axesᵀ·x − offset of one cell; four scores at a time, half the time of one. */
function project(
  cells: LogCounts,
  row: number,
  axes: Float64Array,
  offset: Float64Array,
  out: Float64Array,
): void {
  const { indptr, indices, values } = cells;
  const width = offset.length;
  const begin = indptr[row];
  const end = indptr[row + 1];
  let w = 0;
  for (; w + 3 < width; w += 4) {
    let a = -offset[w];
    let b = -offset[w + 1];
    let c = -offset[w + 2];
    let d = -offset[w + 3];
    for (let p = begin; p < end; p++) {
      const value = values[p];
      const q = indices[p] * width + w;
      a += value * axes[q];
      b += value * axes[q + 1];
      c += value * axes[q + 2];
      d += value * axes[q + 3];
    }
    out[w] = a;
    out[w + 1] = b;
    out[w + 2] = c;
    out[w + 3] = d;
  }
  for (; w < width; w++) {
    let sum = -offset[w];
    for (let p = begin; p < end; p++) sum += values[p] * axes[indices[p] * width + w];
    out[w] = sum;
  }
}

/** target += x·scoresᵀ of one cell; the width is a multiple of four. */
function addOuter(target: Float64Array, cells: LogCounts, row: number, scores: Float64Array): void {
  const { indptr, indices, values } = cells;
  const width = scores.length;
  for (let p = indptr[row]; p < indptr[row + 1]; p++) {
    const value = values[p];
    const q = indices[p] * width;
    for (let w = 0; w < width; w += 4) {
      target[q + w] += value * scores[w];
      target[q + w + 1] += value * scores[w + 1];
      target[q + w + 2] += value * scores[w + 2];
      target[q + w + 3] += value * scores[w + 3];
    }
  }
}

/** Columns made orthonormal, left to right, each cleared twice of those before; a column of nothing is zero. */
function orthonormalize(columns: Float64Array, width: number): void {
  const m = columns.length / width;
  for (let c = 0; c < width; c++) {
    const before = norm(columns, width, c);
    for (let pass = 0; pass < 2; pass++) {
      const along = new Float64Array(c);
      for (let g = 0; g < m; g++) {
        const value = columns[g * width + c];
        for (let o = 0; o < c; o++) along[o] += value * columns[g * width + o];
      }
      for (let g = 0; g < m; g++) {
        let value = columns[g * width + c];
        for (let o = 0; o < c; o++) value -= along[o] * columns[g * width + o];
        columns[g * width + c] = value;
      }
    }
    const length = norm(columns, width, c);
    const scale = length > 1e-12 * before ? 1 / length : 0;
    for (let g = 0; g < m; g++) columns[g * width + c] *= scale;
  }
}

function norm(columns: Float64Array, width: number, c: number): number {
  let sum = 0;
  for (let p = c; p < columns.length; p += width) sum += columns[p] * columns[p];
  return Math.sqrt(sum);
}

/** Axes turned onto the principal directions within their span, each with its sign fixed. */
function turned(
  axes: Float64Array,
  vectors: Float64Array,
  width: number,
  count: number,
): Float64Array<ArrayBuffer> {
  const m = axes.length / width;
  const out = new Float64Array(m * count);
  for (let c = 0; c < count; c++) {
    let largest = 0;
    for (let g = 0; g < m; g++) {
      let sum = 0;
      for (let w = 0; w < width; w++) sum += axes[g * width + w] * vectors[w * width + c];
      out[g * count + c] = sum;
      if (Math.abs(sum) > Math.abs(largest)) largest = sum;
    }
    if (largest < 0) for (let g = 0; g < m; g++) out[g * count + c] *= -1;
  }
  return out;
}
