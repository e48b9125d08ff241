/** Quantile with linear interpolation, numpy's default; NaN of nothing. @param sorted ascending */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted.length === 0 ? Number.NaN : sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/** Central 95 % of what is not NaN. */
export function centralInterval(values: ArrayLike<number>): readonly [number, number] {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}
