/** What answered validation cells shall reach, and the share of them that has to be answered. */
const WANTED_ACCURACY = 0.95;
const LEAST_COVERAGE = 0.2;

/**
 * The least probability of its answer at which a probe should answer, chosen on validation cells: the
 * lowest of 0, 0.01 … 0.99 from which 95 % of the answered cells are right; where none reaches that, the one
 * of the greatest accuracy that still answers a fifth of the cells (of equals the lowest, which answers most).
 * @param labels [v] recorded classes
 * @param probabilities [v, k]
 */
export function chooseThreshold(
  labels: ArrayLike<number>,
  probabilities: Float32Array,
  classes: number,
): number {
  const answered = new Float64Array(101);
  const right = new Float64Array(101);
  for (let r = 0; r < labels.length; r++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (probabilities[r * classes + c] > probabilities[r * classes + best]) best = c;
    }
    const step = Math.min(100, Math.floor(probabilities[r * classes + best] * 100));
    answered[step]++;
    if (best === labels[r]) right[step]++;
  }
  for (let step = 99; step >= 0; step--) {
    answered[step] += answered[step + 1];
    right[step] += right[step + 1];
  }
  let chosen = 0;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let step = 0; step < 100; step++) {
    if (!(answered[step] >= LEAST_COVERAGE * labels.length)) break;
    const accuracy = right[step] / answered[step];
    if (accuracy >= WANTED_ACCURACY) return step / 100;
    if (accuracy > greatest) {
      greatest = accuracy;
      chosen = step;
    }
  }
  return chosen / 100;
}
