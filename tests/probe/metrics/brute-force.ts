/** Metrics by their definitions, pair by pair and threshold by threshold: slow, and without our code. */

/** Probability that a cell of the class scores above one of the rest, ties counting half. */
export function pairwiseAuroc(positive: readonly boolean[], scores: readonly number[]): number {
  let won = 0;
  let pairs = 0;
  for (const [i, a] of positive.entries())
    for (const [j, b] of positive.entries()) {
      if (!a || b) continue;
      pairs++;
      won += scores[i] > scores[j] ? 1 : scores[i] === scores[j] ? 0.5 : 0;
    }
  return pairs === 0 ? Number.NaN : won / pairs;
}

/** Σ (R_i − R_{i−1}) P_i, with precision and recall counted anew at each threshold. */
export function steppedPrecision(positive: readonly boolean[], scores: readonly number[]): number {
  const total = positive.filter(Boolean).length;
  if (total === 0 || total === positive.length) return Number.NaN;
  let sum = 0;
  let last = 0;
  for (const threshold of [...new Set(scores)].sort((a, b) => b - a)) {
    const answered = positive.filter((_, i) => scores[i] >= threshold);
    const right = answered.filter(Boolean).length;
    sum += (right / total - last) * (right / answered.length);
    last = right / total;
  }
  return sum;
}

/** Pearson correlation of one-hot records and answers, summed over classes: Gorodkin's R_K. */
export function oneHotCorrelation(
  labels: readonly number[],
  predicted: readonly number[],
  k: number,
): number {
  const n = labels.length;
  const covariance = (a: readonly number[], b: readonly number[]) => {
    let sum = 0;
    for (let c = 0; c < k; c++) {
      const meanA = a.filter((x) => x === c).length / n;
      const meanB = b.filter((x) => x === c).length / n;
      for (let i = 0; i < n; i++) sum += (Number(a[i] === c) - meanA) * (Number(b[i] === c) - meanB);
    }
    return sum;
  };
  const scale = Math.sqrt(covariance(labels, labels) * covariance(predicted, predicted));
  return scale < 1e-12 ? 0 : covariance(labels, predicted) / scale;
}
