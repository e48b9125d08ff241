/** Eigenvalues in descending order; column c of `vectors` ([d, d], row-major) belongs to value c. */
export interface Eigen {
  readonly values: Float64Array<ArrayBuffer>;
  readonly vectors: Float64Array<ArrayBuffer>;
}

const MOST_SWEEPS = 60;

/**
 * All eigenpairs of a symmetric matrix by cyclic Jacobi rotations (Golub & Van Loan, Matrix Computations,
 * 8.5): for the small ones, up to about a hundred rows.
 * @param matrix [d, d]
 */
export function symmetricEigen(matrix: Float64Array): Eigen {
  const d = Math.round(Math.sqrt(matrix.length));
  const a = matrix.slice();
  const v = new Float64Array(d * d);
  for (let i = 0; i < d; i++) v[i * d + i] = 1;
  const norm = a.reduce((sum, x) => sum + x * x, 0);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let off = 0;
    for (let i = 0; i < d; i++) for (let j = i + 1; j < d; j++) off += a[i * d + j] ** 2;
    if (!(off > 1e-30 * norm)) break;
    for (let p = 0; p < d - 1; p++) for (let q = p + 1; q < d; q++) rotate(a, v, d, p, q);
  }
  const order = Array.from({ length: d }, (_, i) => i).sort((i, j) => a[j * d + j] - a[i * d + i]);
  const vectors = new Float64Array(d * d);
  order.forEach((from, to) => {
    for (let i = 0; i < d; i++) vectors[i * d + to] = v[i * d + from];
  });
  return { values: Float64Array.from(order, (i) => a[i * d + i]), vectors };
}

/** Makes a[p, q] zero and turns the vectors along. */
function rotate(a: Float64Array, v: Float64Array, d: number, p: number, q: number): void {
  const apq = a[p * d + q];
  if (apq === 0) return;
  const theta = (a[q * d + q] - a[p * d + p]) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cos = 1 / Math.sqrt(t * t + 1);
  const sin = t * cos;
  const turn = (m: Float64Array, i: number, j: number) => {
    const x = m[i];
    const y = m[j];
    m[i] = cos * x - sin * y;
    m[j] = sin * x + cos * y;
  };
  for (let i = 0; i < d; i++) turn(a, i * d + p, i * d + q);
  for (let i = 0; i < d; i++) turn(a, p * d + i, q * d + i);
  for (let i = 0; i < d; i++) turn(v, i * d + p, i * d + q);
}
