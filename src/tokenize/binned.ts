/**
 * Value inputs of TEDDY-X, over all genes a cell keeps (≤2,048) before a smaller model cuts them.
 */

/**
 * Quantile bins 1 … `bins`: `min(bins, 1 + floor((r − 0.5) / n · bins))` with r the ascending rank,
 * ties averaged (the spec's form).
 * @param values [n] descending
 * @param out [n] receives the bins
 */
export function quantileBins(values: Float64Array, bins: number, out: Float32Array): void {
  const n = values.length;
  let begin = 0;
  while (begin < n) {
    let end = begin + 1;
    while (end < n && values[end] === values[begin]) end++;
    const rank = n - (begin + end - 1) / 2;
    out.fill(Math.min(bins, 1 + Math.floor(((rank - 0.5) / n) * bins)), begin, end);
    begin = end;
  }
}

/**
 * Continuous ranks: `linspace(1, −1, n)`, the highest value first; a single gene has 1.
 * @param out [n] receives the ranks
 */
export function continuousRanks(n: number, out: Float32Array): void {
  const step = n > 1 ? -2 / (n - 1) : 0;
  for (let i = 0; i < n; i++) out[i] = i > 0 && i === n - 1 ? -1 : 1 + i * step;
}
