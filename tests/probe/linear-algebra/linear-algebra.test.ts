import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/analysis/random.ts';
import { positiveInverse } from '../../../src/probe/linear-algebra/inverse.ts';
import { symmetricEigen } from '../../../src/probe/linear-algebra/jacobi.ts';
import { addMoments, ledoitWolf, momentsOf } from '../../../src/probe/linear-algebra/ledoit-wolf.ts';
import { maxRelativeError } from '../../support/tolerance.ts';

/** [d, d] A·Aᵀ of a random A, with a little on the diagonal: symmetric, positive definite. */
function positive(d: number, seed: number): Float64Array {
  const random = new Random(seed);
  const a = Float64Array.from({ length: d * d }, () => random.uniform() - 0.5);
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      for (let t = 0; t < d; t++) out[i * d + j] += a[i * d + t] * a[j * d + t];
    }
    out[i * d + i] += 0.01;
  }
  return out;
}

function product(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) for (let t = 0; t < d; t++) out[i * d + j] += a[i * d + t] * b[t * d + j];
  }
  return out;
}

const identity = (d: number) => Float64Array.from({ length: d * d }, (_, p) => (p % (d + 1) === 0 ? 1 : 0));

describe('symmetricEigen', () => {
  it('gives A·V = V·Λ with orthonormal V, values descending', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 17 }), fc.nat(1000), (d, seed) => {
        const a = positive(d, seed);
        const { values, vectors } = symmetricEigen(a);
        const scaled = vectors.map((v, p) => v * values[p % d]);
        expect(maxRelativeError(product(a, vectors, d), scaled)).toBeLessThanOrEqual(1e-12);
        const transposed = vectors.map((_, p) => vectors[(p % d) * d + Math.floor(p / d)]);
        expect(maxRelativeError(product(transposed, vectors, d), identity(d))).toBeLessThanOrEqual(1e-12);
        expect(Array.from(values)).toEqual([...values].sort((x, y) => y - x));
      }),
      { numRuns: 60 },
    );
  });
});

describe('positiveInverse', () => {
  it('is the inverse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 17 }), fc.nat(1000), (d, seed) => {
        const a = positive(d, seed);
        const inverse = positiveInverse(a);
        expect(maxRelativeError(product(a, inverse!, d), identity(d))).toBeLessThanOrEqual(1e-9);
      }),
      { numRuns: 60 },
    );
  });

  it('is null where there is none', () => {
    expect(positiveInverse(Float64Array.of(1, 1, 1, 1))).toBeNull();
    expect(positiveInverse(Float64Array.of(Number.NaN))).toBeNull();
  });
});

describe('ledoitWolf', () => {
  // The lines of sklearn.covariance._shrunk_covariance, on plain arrays.
  function asScikitLearn(rows: number[][]) {
    const n = rows.length;
    const d = rows[0].length;
    const mean = rows[0].map((_, i) => rows.reduce((sum, row) => sum + row[i], 0) / n);
    const x = rows.map((row) => row.map((value, i) => value - mean[i]));
    const xx = (f: (row: number[], i: number, j: number) => number) =>
      Array.from({ length: d * d }, (_, p) =>
        x.reduce((sum, row) => sum + f(row, Math.floor(p / d), p % d), 0),
      );
    const cov = xx((row, i, j) => row[i] * row[j]).map((value) => value / n);
    const mu = mean.reduce((sum, _, i) => sum + cov[i * d + i], 0) / d;
    const beta_ = xx((row, i, j) => row[i] ** 2 * row[j] ** 2).reduce((a, b) => a + b, 0);
    let delta_ = xx((row, i, j) => row[i] * row[j]).reduce((a, b) => a + b * b, 0) / n ** 2;
    let beta = (1 / (d * n)) * (beta_ / n - delta_);
    delta_ = (delta_ - 2 * mu * mu * d + d * mu ** 2) / d;
    beta = Math.min(beta, delta_);
    const shrinkage = beta === 0 ? 0 : beta / delta_;
    const covariance = cov.map((v, p) => (1 - shrinkage) * v + (p % (d + 1) === 0 ? shrinkage * mu : 0));
    return { mean, covariance, shrinkage };
  }

  it('shrinks as scikit-learn does, whatever the origin and the parts its sums were made in', async () => {
    const random = new Random(3);
    for (const [n, d] of [
      [40, 5],
      [7, 12],
      [2, 3],
    ]) {
      const features = Float32Array.from({ length: n * d }, (_, p) => random.uniform() * (1 + (p % d)) + 5);
      const rows = Uint32Array.from({ length: n }, (_, i) => i);
      const wanted = asScikitLearn(Array.from(rows, (i) => [...features.subarray(i * d, (i + 1) * d)]));
      for (const origin of [new Float64Array(d), new Float64Array(d).fill(5.5)]) {
        const parts = [rows.subarray(0, 1), rows.subarray(1)];
        const moments = addMoments(
          await Promise.all(parts.map((part) => momentsOf(features, part, origin, undefined))),
        );
        const got = ledoitWolf(features, rows, origin, moments);
        expect(maxRelativeError(got.mean, wanted.mean)).toBeLessThanOrEqual(1e-12);
        expect(maxRelativeError(got.covariance, wanted.covariance)).toBeLessThanOrEqual(1e-11);
        expect(maxRelativeError([got.shrinkage], [wanted.shrinkage])).toBeLessThanOrEqual(1e-9);
      }
    }
  });
});
