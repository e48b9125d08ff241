/**
 * The backward halves of numerics.ts in float64. Cotangents are named d<what>; each function returns the cotangent
 * of its input and adds (+=) those of its parameters where an array is given for them.
 */
import { rowStatistics } from '../numerics.ts';

/** d relu / dx, 0 at 0 as PyTorch has it. */
export function reluDerivative(x: number): number {
  return x > 0 ? 1 : 0;
}

/**
 * Of y = x · weightᵀ + bias, weight [out, in]: dx = dy · weight; dWeight += dyᵀ · x; dBias += Σ_rows dy.
 * @param dy [rows, out]
 * @returns dx [rows, in]
 */
export function linearBackward(
  x: Float64Array,
  dy: Float64Array,
  rows: number,
  weight: Float64Array,
  columnsIn: number,
  columnsOut: number,
  dWeight: Float64Array | undefined,
  dBias: Float64Array | undefined,
): Float64Array<ArrayBuffer> {
  const dx = new Float64Array(rows * columnsIn);
  for (let row = 0; row < rows; row++) {
    const at = row * columnsIn;
    for (let column = 0; column < columnsOut; column++) {
      const cotangent = dy[row * columnsOut + column];
      const start = column * columnsIn;
      if (dBias !== undefined) dBias[column] += cotangent;
      for (let k = 0; k < columnsIn; k++) dx[at + k] += cotangent * weight[start + k];
      if (dWeight !== undefined)
        for (let k = 0; k < columnsIn; k++) dWeight[start + k] += cotangent * x[at + k];
    }
  }
  return dx;
}

/**
 * Of y = x̂ ∘ weight + bias, x̂ = (x − mean) / sd: with g = dy ∘ weight,
 * dx = (g − mean(g) − x̂ · mean(g ∘ x̂)) / sd; dWeight += Σ_rows dy ∘ x̂; dBias += Σ_rows dy.
 */
export function layerNormBackward(
  x: Float64Array,
  dy: Float64Array,
  rows: number,
  columns: number,
  weight: Float64Array,
  eps: number,
  dWeight: Float64Array | undefined,
  dBias: Float64Array | undefined,
): Float64Array<ArrayBuffer> {
  const dx = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    const { mean, scale: inverse } = rowStatistics(x, at, columns, eps);
    let sum = 0;
    let product = 0;
    for (let i = 0; i < columns; i++) {
      const standard = (x[at + i] - mean) * inverse;
      const cotangent = dy[at + i];
      sum += cotangent * weight[i];
      product += cotangent * weight[i] * standard;
      if (dWeight !== undefined) dWeight[i] += cotangent * standard;
      if (dBias !== undefined) dBias[i] += cotangent;
    }
    for (let i = 0; i < columns; i++) {
      const standard = (x[at + i] - mean) * inverse;
      dx[at + i] = (dy[at + i] * weight[i] - sum / columns - (standard * product) / columns) * inverse;
    }
  }
  return dx;
}
