/**
 * Inverse of a symmetric positive definite matrix, by Cholesky's factor: A = L·Lᵀ, A⁻¹ = L⁻ᵀ·L⁻¹.
 * @param matrix [d, d]
 * @returns [d, d], or null where the matrix is not positive definite
 */
export function positiveInverse(matrix: Float64Array): Float64Array<ArrayBuffer> | null {
  const d = Math.round(Math.sqrt(matrix.length));
  const l = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j];
      for (let t = 0; t < j; t++) sum -= l[i * d + t] * l[j * d + t];
      if (i !== j) l[i * d + j] = sum / l[j * d + j];
      else if (!(sum > 0)) return null;
      else l[i * d + i] = Math.sqrt(sum);
    }
  }
  // Row c of `inverse` is column c of L⁻¹, so that both loops below read along rows.
  const inverse = new Float64Array(d * d);
  for (let c = 0; c < d; c++) {
    inverse[c * d + c] = 1 / l[c * d + c];
    for (let i = c + 1; i < d; i++) {
      let sum = 0;
      for (let t = c; t < i; t++) sum -= l[i * d + t] * inverse[c * d + t];
      inverse[c * d + i] = sum / l[i * d + i];
    }
  }
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let t = i; t < d; t++) sum += inverse[i * d + t] * inverse[j * d + t];
      out[i * d + j] = sum;
      out[j * d + i] = sum;
    }
  }
  return out;
}
