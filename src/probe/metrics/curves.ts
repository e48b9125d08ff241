import type { ClassCurve, CoveragePoint, CurvePoint, ReliabilityBin } from '../results.ts';
import { argmaxRows } from './confusion.ts';
import { type ThresholdCounts, thresholdCounts } from './ranking.ts';

/** More than a plot can show. */
const MOST_POINTS = 200;
const RELIABILITY_BINS = 10;
/** Thresholds of the coverage curve: every hundredth. */
const THRESHOLDS = 100;

/** ROC of each class against the rest, of those that have both; at most 200 points each. */
export function rocCurves(
  labels: Int32Array,
  probabilities: Float32Array,
  classes: readonly string[],
): ClassCurve[] {
  return classes.flatMap((name, c) => {
    const counts = thresholdCounts(labels, probabilities, classes.length, c);
    return counts.positives === 0 || counts.negatives === 0 ? [] : [{ name, roc: rocPoints(counts) }];
  });
}

/**
 * From (0, 0) to (1, 1). A longer curve keeps the points nearest to even spacing along its length (rates
 * added up), so that no piece left out is longer than a hundredth and the area moves by < 0.003.
 */
function rocPoints(counts: ThresholdCounts): CurvePoint[] {
  const { truePositives, falsePositives, positives, negatives } = counts;
  const all: CurvePoint[] = [{ x: 0, y: 0 }];
  for (const [i, right] of truePositives.entries())
    all.push({ x: falsePositives[i] / negatives, y: right / positives });
  if (all.length <= MOST_POINTS) return all;
  const kept: CurvePoint[] = [];
  let next = 0;
  for (const [i, point] of all.entries()) {
    // Both rates end at 1: the curve is 2 long.
    const place = ((point.x + point.y) / 2) * (MOST_POINTS - 1);
    if (place < next && i < all.length - 1) continue;
    kept.push(point);
    next = Math.floor(place) + 1;
  }
  return kept;
}

/** Accuracy against the mean probability of the answer, in ten equal bins of it; NaN in empty bins. */
export function reliabilityBins(
  labels: Int32Array,
  probabilities: Float32Array,
  k: number,
): ReliabilityBin[] {
  const { confidence, right } = answers(labels, probabilities, k);
  const sums = Array.from({ length: RELIABILITY_BINS }, () => ({ n: 0, probability: 0, right: 0 }));
  for (const [i, p] of confidence.entries()) {
    const bin = sums[Math.min(RELIABILITY_BINS - 1, Math.floor(p * RELIABILITY_BINS))];
    bin.n++;
    bin.probability += p;
    bin.right += right[i];
  }
  return sums.map(({ n, probability, right }, i) => ({
    low: i / RELIABILITY_BINS,
    high: (i + 1) / RELIABILITY_BINS,
    n,
    meanProbability: probability / n,
    accuracy: right / n,
  }));
}

/**
 * Share of cells answered and their accuracy where answers below a probability are withheld, for
 * thresholds 0, 0.01, … 1 where at least one cell is answered.
 */
export function coverageCurve(labels: Int32Array, probabilities: Float32Array, k: number): CoveragePoint[] {
  const { confidence, right } = answers(labels, probabilities, k);
  const n = confidence.length;
  const order = Uint32Array.from(confidence, (_, i) => i).sort((a, b) => confidence[a] - confidence[b]);
  let answered = n;
  let correct = right.reduce((sum, value) => sum + value, 0);
  const points: CoveragePoint[] = [];
  for (let step = 0; step <= THRESHOLDS; step++) {
    const threshold = step / THRESHOLDS;
    for (; answered > 0 && confidence[order[n - answered]] < threshold; answered--)
      correct -= right[order[n - answered]];
    if (answered === 0) break;
    points.push({ threshold, coverage: answered / n, accuracy: correct / answered });
  }
  return points;
}

/** The greatest probability of each cell, and 1 where its class is the recorded one. */
function answers(labels: Int32Array, probabilities: Float32Array, k: number) {
  const predicted = argmaxRows(probabilities, k);
  const confidence = new Float64Array(labels.length);
  const right = new Uint8Array(labels.length);
  for (const [i, label] of labels.entries()) {
    if (predicted[i] < 0) throw new RangeError(`cell ${i} has no probabilities`);
    confidence[i] = probabilities[i * k + predicted[i]];
    right[i] = Number(predicted[i] === label);
  }
  return { confidence, right };
}
