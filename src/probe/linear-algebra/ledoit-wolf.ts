import { Pacer } from '../../analysis/pacer.ts';

/** Sums over some cells about a fixed point, so that sums over more cells are sums of these. */
export interface Moments {
  readonly n: number;
  /** [d] Σ (x − origin) */
  readonly sum: Float64Array<ArrayBuffer>;
  /** [d, d] Σ (x − origin)(x − origin)ᵀ, lower triangle */
  readonly cross: Float64Array<ArrayBuffer>;
}

export interface Shrunk {
  /** [d] */
  readonly mean: Float64Array<ArrayBuffer>;
  /** [d, d] */
  readonly covariance: Float64Array<ArrayBuffer>;
  /** 0 = the sample covariance, 1 = its mean variance on the diagonal. */
  readonly shrinkage: number;
}

/**
 * @param features [n, d]
 * @param origin [d] a point near the cells
 */
export async function momentsOf(
  features: Float32Array,
  rows: Uint32Array,
  origin: Float64Array,
  signal: AbortSignal | undefined,
): Promise<Moments> {
  const d = origin.length;
  const sum = new Float64Array(d);
  const cross = new Float64Array(d * d);
  const x = new Float64Array(d);
  const pacer = new Pacer(signal);
  for (const [r, row] of rows.entries()) {
    for (let i = 0; i < d; i++) {
      x[i] = features[row * d + i] - origin[i];
      sum[i] += x[i];
    }
    for (let i = 0; i < d; i++) {
      const xi = x[i];
      for (let j = 0, p = i * d; j <= i; j++, p++) cross[p] += xi * x[j];
    }
    if (r % 64 === 0) await pacer.pause();
  }
  return { n: rows.length, sum, cross };
}

export function addMoments(parts: readonly Moments[]): Moments {
  const sum = new Float64Array(parts[0].sum.length);
  const cross = new Float64Array(parts[0].cross.length);
  let n = 0;
  for (const part of parts) {
    n += part.n;
    part.sum.forEach((value, p) => {
      sum[p] += value;
    });
    part.cross.forEach((value, p) => {
      cross[p] += value;
    });
  }
  return { n, sum, cross };
}

/**
 * Mean and covariance shrunk towards its mean variance, by as much as Ledoit & Wolf (2004) derive; as
 * scikit-learn's `LedoitWolf`.
 * @param moments of `rows`, about `origin`
 */
export function ledoitWolf(
  features: Float32Array,
  rows: Uint32Array,
  origin: Float64Array,
  moments: Moments,
): Shrunk {
  const d = origin.length;
  const { n, sum, cross } = moments;
  const mean = origin.map((value, i) => value + sum[i] / n);
  const covariance = new Float64Array(d * d);
  let squares = 0;
  let trace = 0;
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const value = cross[i * d + j] / n - (sum[i] / n) * (sum[j] / n);
      covariance[i * d + j] = value;
      covariance[j * d + i] = value;
      squares += (i === j ? 1 : 2) * value * value;
    }
    trace += covariance[i * d + i];
  }
  // Σ over cells of |x − mean|⁴ is Σ over pairs of features of Σ xᵢ²xⱼ².
  let fourth = 0;
  for (const row of rows) {
    let length = 0;
    for (let i = 0; i < d; i++) length += (features[row * d + i] - mean[i]) ** 2;
    fourth += length * length;
  }
  const mu = trace / d;
  const delta = (squares - 2 * mu * trace + d * mu * mu) / d;
  const beta = Math.min((fourth / n - squares) / (d * n), delta);
  const shrinkage = beta === 0 || !(delta > 0) ? 0 : beta / delta;
  for (let p = 0; p < d * d; p++) covariance[p] *= 1 - shrinkage;
  for (let i = 0; i < d; i++) covariance[i * d + i] += shrinkage * mu;
  return { mean, covariance, shrinkage };
}
