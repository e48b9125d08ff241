/**
 * The arithmetic of the encoder in float64, written to be read: every GPU kernel and every other
 * engine is measured against these functions. Matrices are row-major; linear weights are [out, in].
 */

/** Weights as a package stores them, or as the float64 trainer keeps them. */
type Numbers = Float32Array | Float64Array;

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/**
 * erf by the series of Abramowitz & Stegun 7.1.6, whose terms are all positive (no cancellation):
 * erf z = 2/√π · e^(−z²) · Σ 2ⁿ z^(2n+1) / (1·3·…·(2n+1)). Error about 1e-15; beyond 6 it is ±1.
 */
export function erf(z: number): number {
  if (z > 6) return 1;
  if (z < -6) return -1;
  const twoZSquared = 2 * z * z;
  let term = z;
  let sum = z;
  for (let odd = 3; Math.abs(term) > 1e-17 * Math.abs(sum); odd += 2) {
    term *= twoZSquared / odd;
    sum += term;
  }
  return TWO_OVER_SQRT_PI * Math.exp(-z * z) * sum;
}

/** Exact GELU: x · Φ(x). */
export function gelu(x: number): number {
  return 0.5 * x * (1 + erf(x * Math.SQRT1_2));
}

/** GELU′ = Φ(x) + x φ(x). */
export function geluDerivative(x: number): number {
  return 0.5 * (1 + erf(x * Math.SQRT1_2)) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/** max(0, x). */
export function relu(x: number): number {
  return Math.max(x, 0);
}

/**
 * y[rows, out] = x[rows, in] · weightᵀ + bias, with weight [out, in].
 * Four rows at a time, so that each weight is read once for four products.
 */
export function linear(
  x: Float64Array,
  rows: number,
  weight: Numbers,
  bias: Numbers | null,
  columnsIn: number,
  columnsOut: number,
): Float64Array<ArrayBuffer> {
  const y = new Float64Array(rows * columnsOut);
  for (let row = 0; row < rows; row += 4) {
    const x0 = row * columnsIn;
    const x1 = Math.min(row + 1, rows - 1) * columnsIn;
    const x2 = Math.min(row + 2, rows - 1) * columnsIn;
    const x3 = Math.min(row + 3, rows - 1) * columnsIn;
    for (let column = 0; column < columnsOut; column++) {
      const start = column * columnsIn;
      let sum0 = bias === null ? 0 : bias[column];
      let sum1 = sum0;
      let sum2 = sum0;
      let sum3 = sum0;
      for (let k = 0; k < columnsIn; k++) {
        const w = weight[start + k];
        sum0 += x[x0 + k] * w;
        sum1 += x[x1 + k] * w;
        sum2 += x[x2 + k] * w;
        sum3 += x[x3 + k] * w;
      }
      const at = row * columnsOut + column;
      y[at] = sum0;
      if (row + 1 < rows) y[at + columnsOut] = sum1;
      if (row + 2 < rows) y[at + 2 * columnsOut] = sum2;
      if (row + 3 < rows) y[at + 3 * columnsOut] = sum3;
    }
  }
  return y;
}

/** Mean and 1 / √(variance + eps) of `columns` values of x from `at` on. */
export function rowStatistics(
  x: Float64Array,
  at: number,
  columns: number,
  eps: number,
): { readonly mean: number; readonly scale: number } {
  let mean = 0;
  for (let i = 0; i < columns; i++) mean += x[at + i];
  mean /= columns;
  let variance = 0;
  for (let i = 0; i < columns; i++) variance += (x[at + i] - mean) ** 2;
  return { mean, scale: 1 / Math.sqrt(variance / columns + eps) };
}

/** LayerNorm over each row of x [rows, columns]: (x − mean) / √(variance + eps) · weight + bias. */
export function layerNorm(
  x: Float64Array,
  rows: number,
  columns: number,
  weight: Numbers,
  bias: Numbers,
  eps: number,
): Float64Array<ArrayBuffer> {
  const y = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    const { mean, scale } = rowStatistics(x, at, columns, eps);
    for (let i = 0; i < columns; i++) y[at + i] = (x[at + i] - mean) * scale * weight[i] + bias[i];
  }
  return y;
}

/**
 * Multi-head softmax attention of one cell. `qkv` is [queries, 3 · heads · headSize] (query, key,
 * value side by side, as PyTorch's in_proj gives them); the first `keys` rows are the keys, so that
 * padding rows behind them ask but are never asked. Returns [queries, heads · headSize].
 */
export function attention(
  qkv: Float64Array,
  queries: number,
  keys: number,
  heads: number,
  headSize: number,
): Float64Array<ArrayBuffer> {
  const width = heads * headSize;
  const stride = 3 * width;
  const scale = 1 / Math.sqrt(headSize);
  const out = new Float64Array(queries * width);
  const scores = new Float64Array(keys);
  for (let head = 0; head < heads; head++) {
    const column = head * headSize;
    for (let query = 0; query < queries; query++) {
      const q = query * stride + column;
      let largest = Number.NEGATIVE_INFINITY;
      for (let key = 0; key < keys; key++) {
        const k = key * stride + width + column;
        let dot = 0;
        for (let i = 0; i < headSize; i++) dot += qkv[q + i] * qkv[k + i];
        scores[key] = dot * scale;
        if (scores[key] > largest) largest = scores[key];
      }
      let total = 0;
      for (let key = 0; key < keys; key++) {
        scores[key] = Math.exp(scores[key] - largest);
        total += scores[key];
      }
      const o = query * width + column;
      for (let key = 0; key < keys; key++) {
        const share = scores[key] / total;
        const v = key * stride + 2 * width + column;
        for (let i = 0; i < headSize; i++) out[o + i] += share * qkv[v + i];
      }
    }
  }
  return out;
}

/** x += y, element by element. */
export function addInto(x: Float64Array, y: Float64Array): void {
  for (let i = 0; i < x.length; i++) x[i] += y[i];
}
