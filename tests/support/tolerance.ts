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
