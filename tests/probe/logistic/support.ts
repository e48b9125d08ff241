import { Random } from '../../../src/analysis/random.ts';
import type { LogisticProblem } from '../../../src/probe/logistic/fit.ts';
import { fitScaler } from '../../../src/probe/logistic/scaler.ts';

/** n cells of k classes whose features depend on the class, far from zero and of unlike sizes; all cells used. */
export function randomProblem(n: number, dimension: number, classes: number, seed: number): LogisticProblem {
  const random = new Random(seed);
  const labels = Int32Array.from({ length: n }, () => random.below(classes));
  const features = new Float32Array(n * dimension);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < dimension; j++)
      features[i * dimension + j] =
        5 +
        (j + 1) *
          (random.uniform() + (j % classes === labels[i] ? 0.4 : 0) + (j > 0 ? 0.3 * random.uniform() : 0));
  const rows = Uint32Array.from({ length: n }, (_, i) => i);
  return { features, dimension, rows, labels, classes, scaler: fitScaler(features, rows, dimension) };
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= Number.MAX_VALUE)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, difference);
  }
  return worst;
}
