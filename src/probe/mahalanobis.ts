/**
 * Mahalanobis distance √((x − m)ᵀ P (x − m)) of cells to one mean.
 * @param mean [d]
 * @param precision [d, d], symmetric
 */
export class Mahalanobis {
  readonly #x: Float64Array;

  constructor(
    private readonly mean: Float64Array,
    private readonly precision: Float64Array,
  ) {
    this.#x = new Float64Array(mean.length);
  }

  /** NaN where a feature is. @param features [n, d] */
  distance(features: Float32Array, row: number): number {
    const { mean, precision } = this;
    const x = this.#x;
    const d = mean.length;
    for (let i = 0; i < d; i++) x[i] = features[row * d + i] - mean[i];
    let total = 0;
    for (let i = 0; i < d; i++) {
      let off = 0;
      for (let j = 0, p = i * d; j < i; j++, p++) off += precision[p] * x[j];
      total += x[i] * (2 * off + precision[i * d + i] * x[i]);
    }
    return Math.sqrt(Math.max(0, total));
  }
}
