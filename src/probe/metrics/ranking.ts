/** Cells answered positively at each distinct threshold, from the greatest score down. */
export interface ThresholdCounts {
  /** [distinct scores] */
  readonly truePositives: Uint32Array;
  readonly falsePositives: Uint32Array;
  readonly positives: number;
  readonly negatives: number;
}

/**
 * One class against the rest: column `column` of probabilities [n, k] as the score. Equal scores are one
 * threshold, as in scikit-learn's `_binary_clf_curve`.
 * @throws RangeError for a NaN among the scores
 */
export function thresholdCounts(
  labels: Int32Array,
  probabilities: Float32Array,
  k: number,
  column: number,
): ThresholdCounts {
  const n = labels.length;
  // Score and label as one number that sorts as the score does, so that the sort needs no comparator.
  const keys = new Float64Array(n);
  const score = new Float32Array(1);
  const bits = new Uint32Array(score.buffer);
  for (let i = 0; i < n; i++) {
    score[0] = probabilities[i * k + column] + 0;
    if (Number.isNaN(score[0])) throw new RangeError(`cell ${i} has no score`);
    const ordered = bits[0] >>> 31 ? ~bits[0] >>> 0 : (bits[0] | 0x80000000) >>> 0;
    keys[i] = 2 * ordered + Number(labels[i] === column);
  }
  keys.sort();
  const truePositives: number[] = [];
  const falsePositives: number[] = [];
  let positives = 0;
  for (let i = n - 1; i >= 0; i--) {
    positives += keys[i] % 2;
    if (i > 0 && Math.floor(keys[i - 1] / 2) === Math.floor(keys[i] / 2)) continue;
    truePositives.push(positives);
    falsePositives.push(n - i - positives);
  }
  return {
    truePositives: Uint32Array.from(truePositives),
    falsePositives: Uint32Array.from(falsePositives),
    positives,
    negatives: n - positives,
  };
}

/** Area under the ROC curve by trapezoids, ties counting half; NaN without positives or negatives. */
export function areaUnderRoc({
  truePositives,
  falsePositives,
  positives,
  negatives,
}: ThresholdCounts): number {
  let area = 0;
  let [lastTrue, lastFalse] = [0, 0];
  for (const [i, right] of truePositives.entries()) {
    area += ((falsePositives[i] - lastFalse) * (right + lastTrue)) / 2;
    [lastTrue, lastFalse] = [right, falsePositives[i]];
  }
  return positives === 0 || negatives === 0 ? Number.NaN : area / (positives * negatives);
}

/** Σ (R_i − R_{i−1}) P_i over thresholds, scikit-learn's step sum; NaN without positives or negatives. */
export function averagePrecision({
  truePositives,
  falsePositives,
  positives,
  negatives,
}: ThresholdCounts): number {
  let sum = 0;
  let last = 0;
  for (const [i, right] of truePositives.entries()) {
    sum += ((right - last) * right) / (right + falsePositives[i]);
    last = right;
  }
  return positives === 0 || negatives === 0 ? Number.NaN : sum / positives;
}
