/** Mean and scale of each feature, fitted on training cells only. */
export interface Scaler {
  /** [d] */
  readonly mean: Float64Array<ArrayBuffer>;
  /** [d] population standard deviation; 1 where a feature does not vary. */
  readonly scale: Float64Array<ArrayBuffer>;
}

/**
 * Mean and population standard deviation of `rows` of features [n, dimension], in two passes in float64.
 * A feature is constant by scikit-learn's bound (`_is_constant_feature`): variance below what rounding
 * alone can make.
 */
export function fitScaler(features: Float32Array, rows: Uint32Array, dimension: number): Scaler {
  const n = rows.length;
  const mean = new Float64Array(dimension);
  const scale = new Float64Array(dimension);
  for (const row of rows) for (let j = 0; j < dimension; j++) mean[j] += features[row * dimension + j];
  for (let j = 0; j < dimension; j++) mean[j] /= Math.max(1, n);
  for (const row of rows)
    for (let j = 0; j < dimension; j++) scale[j] += (features[row * dimension + j] - mean[j]) ** 2;
  for (let j = 0; j < dimension; j++) {
    const variance = scale[j] / Math.max(1, n);
    const rounding = n * Number.EPSILON * variance + (n * mean[j] * Number.EPSILON) ** 2;
    scale[j] = variance <= rounding ? 1 : Math.sqrt(variance);
  }
  return { mean, scale };
}

/** Rows [first, last) of `rows`, standardised: [last − first, dimension] float32. */
export function standardiseRows(
  features: Float32Array,
  rows: Uint32Array,
  { mean, scale }: Scaler,
  first: number,
  last: number,
): Float32Array<ArrayBuffer> {
  const d = mean.length;
  const out = new Float32Array((last - first) * d);
  for (let i = first; i < last; i++) {
    const from = rows[i] * d;
    const to = (i - first) * d;
    for (let j = 0; j < d; j++) out[to + j] = (features[from + j] - mean[j]) / scale[j];
  }
  return out;
}
