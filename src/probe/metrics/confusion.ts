/** Index of the largest value of each row of [n, k], the first of equals; −1 where a row holds a NaN. */
export function argmaxRows(probabilities: Float32Array, k: number): Int32Array<ArrayBuffer> {
  const best = new Int32Array(probabilities.length / k);
  for (let i = 0; i < best.length; i++) {
    for (let c = 0; c < k && best[i] >= 0; c++) {
      const value = probabilities[i * k + c];
      if (Number.isNaN(value)) best[i] = -1;
      else if (value > probabilities[i * k + best[i]]) best[i] = c;
    }
  }
  return best;
}

/** [k, k] cells, recorded × predicted; cells without a label or an answer (−1) are not counted. */
export function confusionMatrix(
  labels: Int32Array,
  predicted: Int32Array,
  k: number,
): Uint32Array<ArrayBuffer> {
  const matrix = new Uint32Array(k * k);
  for (const [i, label] of labels.entries())
    if (label >= 0 && predicted[i] >= 0) matrix[label * k + predicted[i]]++;
  return matrix;
}

/** What a confusion matrix says of one class; 0 where scikit-learn warns of a division by zero and gives 0. */
export interface ClassCounts {
  /** Cells recorded as this class. */
  readonly support: number;
  /** Cells answered with it. */
  readonly predicted: number;
  readonly right: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export function classCounts(confusion: Uint32Array, k: number): ClassCounts[] {
  const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);
  return Array.from({ length: k }, (_, c) => {
    let support = 0;
    let predicted = 0;
    for (let other = 0; other < k; other++) {
      support += confusion[c * k + other];
      predicted += confusion[other * k + c];
    }
    const right = confusion[c * k + c];
    return {
      support,
      predicted,
      right,
      precision: ratio(right, predicted),
      recall: ratio(right, support),
      f1: ratio(2 * right, support + predicted),
    };
  });
}

/**
 * Matthews correlation of many classes (Gorodkin 2004), as scikit-learn: 0 where answers or records are all
 * of one class.
 */
export function matthewsCorrelation(counts: readonly ClassCounts[]): number {
  const sum = (of: (count: ClassCounts) => number) => counts.reduce((total, count) => total + of(count), 0);
  const n = sum(({ support }) => support);
  const covariance = n * sum(({ right }) => right) - sum((c) => c.support * c.predicted);
  const recorded = n * n - sum(({ support }) => support ** 2);
  const predicted = n * n - sum((c) => c.predicted ** 2);
  if (n === 0) return Number.NaN;
  return recorded * predicted === 0 ? 0 : covariance / Math.sqrt(recorded * predicted);
}
