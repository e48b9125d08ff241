import { NeighborHeaps, type Neighbors } from './neighbor-heap.ts';
import { descend } from './nn-descent.ts';
import { Pacer } from './pacer.ts';
import { PointSet } from './point-set.ts';

export type Metric = 'euclidean' | 'cosine';

export interface KnnOptions {
  readonly metric?: Metric;
  /** Of the approximate search. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  /** Share done, 0 … 1. */
  readonly onProgress?: (share: number) => void;
  /** Default: exact up to about 8 × 10⁹ products, i.e. 8,000 cells of 256 dimensions. */
  readonly method?: 'exact' | 'approximate';
}

const EXACT_PRODUCTS = 8e9;

/**
 * The k nearest other cells of each cell.
 * @param data [n, dimension]
 * @returns with min(k, n − 1) columns.
 * @throws the signal's reason when aborted; RangeError on NaN or an impossible shape.
 */
export async function nearestNeighbors(
  data: Float32Array,
  dimension: number,
  k: number,
  options: KnnOptions = {},
): Promise<Neighbors> {
  const points = new PointSet(data, dimension, options.metric ?? 'euclidean');
  const width = Math.max(0, Math.min(k, points.n - 1));
  const products = (points.n * points.n * dimension) / 2;
  const method = options.method ?? (products <= EXACT_PRODUCTS ? 'exact' : 'approximate');
  if (width === 0) return new NeighborHeaps(points.n, 0).sorted();
  return method === 'exact' ? exact(points, width, options) : descend(points, width, options);
}

/**
 * Every pair once. Blocks of rows keep both sides in cache; four dot products at a time share the
 * loads of one row.
 */
async function exact(points: PointSet, k: number, options: KnnOptions): Promise<Neighbors> {
  const { n } = points;
  const heaps = new NeighborHeaps(n, k);
  const pacer = new Pacer(options.signal);
  const block = 64;
  const four = new Float32Array(4);
  const offer = (i: number, j: number, distance: number) => {
    heaps.push(i, j, distance);
    heaps.push(j, i, distance);
  };
  let pairs = 0;
  for (let top = 0; top < n; top += block) {
    const bottom = Math.min(n, top + block);
    for (let left = top; left < n; left += block) {
      const right = Math.min(n, left + block);
      for (let i = top; i < bottom; i++) {
        let j = Math.max(left, i + 1);
        for (; j + 3 < right; j += 4) {
          points.distancesToFour(i, j, four);
          for (let s = 0; s < 4; s++) offer(i, j + s, four[s] as number);
        }
        for (; j < right; j++) offer(i, j, points.distance(i, j));
      }
      pairs += (bottom - top) * (right - left);
      await pacer.pause();
      options.onProgress?.(Math.min(1, (2 * pairs) / (n * (n + block))));
    }
  }
  options.onProgress?.(1);
  return heaps.sorted();
}
