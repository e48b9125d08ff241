/**
 * max |Δ| / max(1, |golden|) over all elements; Infinity on a NaN or a length mismatch, so that a
 * comparison `<= tolerance` can never pass on garbage.
 */
export function maxRelativeError(actual: ArrayLike<number>, golden: ArrayLike<number>): number {
  if (actual.length !== golden.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < golden.length; i++) {
    const error = Math.abs(actual[i] - golden[i]) / Math.max(1, Math.abs(golden[i]));
    if (!(error <= Number.MAX_VALUE)) return Number.POSITIVE_INFINITY;
    if (error > worst) worst = error;
  }
  return worst;
}

/** ‖actual − golden‖ / ‖golden‖; Infinity on a NaN, a length mismatch or a golden of zeros. */
export function rootMeanSquareError(actual: ArrayLike<number>, golden: ArrayLike<number>): number {
  if (actual.length !== golden.length) return Number.POSITIVE_INFINITY;
  let error = 0;
  let size = 0;
  for (let i = 0; i < golden.length; i++) {
    error += (actual[i] - golden[i]) ** 2;
    size += golden[i] ** 2;
  }
  const relative = Math.sqrt(error / size);
  return relative <= Number.MAX_VALUE ? relative : Number.POSITIVE_INFINITY;
}
