/**
 * Lower Cholesky factor over the lower triangle of a positive definite matrix [d, d].
 * @throws RangeError where it is not positive definite
 */
export async function choleskyInPlace(
  matrix: Float64Array,
  d: number,
  pause: () => Promise<void>,
): Promise<void> {
  for (let i = 0; i < d; i++) {
    const row = i * d;
    for (let j = 0; j <= i; j++) {
      const other = j * d;
      let sum = matrix[row + j];
      for (let l = 0; l < j; l++) sum -= matrix[row + l] * matrix[other + l];
      if (j < i) matrix[row + j] = sum / matrix[other + j];
      else if (sum > 0) matrix[row + i] = Math.sqrt(sum);
      else throw new RangeError(`the matrix is not positive definite (pivot ${i}: ${sum})`);
    }
    await pause();
  }
}

/** Solves L Lᵀ x = vector over its first d elements, L [d, d] as `choleskyInPlace` leaves it. */
export function choleskySolve(factor: Float64Array, d: number, vector: Float64Array): void {
  for (let i = 0; i < d; i++) {
    let sum = vector[i];
    for (let j = 0; j < i; j++) sum -= factor[i * d + j] * vector[j];
    vector[i] = sum / factor[i * d + i];
  }
  for (let i = d - 1; i >= 0; i--) {
    vector[i] /= factor[i * d + i];
    for (let j = 0; j < i; j++) vector[j] -= factor[i * d + j] * vector[i];
  }
}
