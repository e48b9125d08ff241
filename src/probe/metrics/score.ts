import type { ClassMetrics, Metrics } from '../results.ts';
import {
  argmaxRows,
  type ClassCounts,
  classCounts,
  confusionMatrix,
  matthewsCorrelation,
} from './confusion.ts';
import { areaUnderRoc, averagePrecision, thresholdCounts } from './ranking.ts';

/** Float32's epsilon: what scikit-learn 1.2.1 clips float32 probabilities by in its log loss. */
const LOG_LOSS_EPSILON = 2 ** -23;

/**
 * Every metric of answers [n, k] to labels [n], as scikit-learn 1.2.1 with its defaults: macro F1 over the
 * classes recorded or answered, balanced accuracy over those recorded, log loss clipped and renormalised.
 * AUROC and average precision: of the second class where k is 2, else the plain mean one-vs-rest over the
 * classes present; NaN where fewer than two classes are recorded. All NaN without cells.
 * @throws RangeError for a label that is no class, other lengths, or a NaN among the probabilities
 */
export function scoreMetrics(labels: Int32Array, probabilities: Float32Array, k: number): Metrics {
  checkAnswers(labels, probabilities, k);
  const n = labels.length;
  const counts = classCounts(confusionMatrix(labels, argmaxRows(probabilities, k), k), k);
  const recorded = counts.filter(({ support }) => support > 0);
  const named = counts.filter(({ support, predicted }) => support + predicted > 0);
  const ranked = rankedColumns(counts).map((column) => thresholdCounts(labels, probabilities, k, column));
  return {
    accuracy: counts.reduce((sum, { right }) => sum + right, 0) / n,
    balancedAccuracy: mean(recorded.map(({ recall }) => recall)),
    f1Macro: mean(named.map(({ f1 }) => f1)),
    f1Weighted: counts.reduce((sum, { f1, support }) => sum + f1 * support, 0) / n,
    auroc: mean(ranked.map(areaUnderRoc)),
    averagePrecision: mean(ranked.map(averagePrecision)),
    mcc: matthewsCorrelation(counts),
    logLoss: logLoss(labels, probabilities, k),
    brier: brierScore(labels, probabilities, k),
  };
}

/** Each class against the rest. AUROC and average precision are NaN where it or the rest has no cell. */
export function classMetrics(
  labels: Int32Array,
  probabilities: Float32Array,
  classes: readonly string[],
): ClassMetrics[] {
  const k = classes.length;
  checkAnswers(labels, probabilities, k);
  const counts = classCounts(confusionMatrix(labels, argmaxRows(probabilities, k), k), k);
  return classes.map((name, c) => {
    const ranked = thresholdCounts(labels, probabilities, k, c);
    const { support, precision, recall, f1 } = counts[c];
    return {
      name,
      n: support,
      precision,
      recall,
      f1,
      auroc: areaUnderRoc(ranked),
      averagePrecision: averagePrecision(ranked),
    };
  });
}

/** The columns whose ranking counts: the second of two, all present of more; none with one class only. */
function rankedColumns(counts: readonly ClassCounts[]): number[] {
  const present = counts.flatMap(({ support }, c) => (support > 0 ? [c] : []));
  if (present.length < 2) return [];
  return counts.length === 2 ? [1] : present;
}

function logLoss(labels: Int32Array, probabilities: Float32Array, k: number): number {
  const clip = (p: number) => Math.min(1 - LOG_LOSS_EPSILON, Math.max(LOG_LOSS_EPSILON, p));
  let total = 0;
  for (const [i, label] of labels.entries()) {
    let sum = 0;
    for (let c = 0; c < k; c++) sum += clip(probabilities[i * k + c]);
    total -= Math.log(clip(probabilities[i * k + label]) / sum);
  }
  return total / labels.length;
}

function brierScore(labels: Int32Array, probabilities: Float32Array, k: number): number {
  let total = 0;
  for (const [i, label] of labels.entries())
    for (let c = k === 2 ? 1 : 0; c < k; c++) total += (probabilities[i * k + c] - Number(label === c)) ** 2;
  return total / labels.length;
}

function checkAnswers(labels: Int32Array, probabilities: Float32Array, k: number): void {
  if (probabilities.length !== labels.length * k)
    throw new RangeError(`${probabilities.length} probabilities for ${labels.length} cells of ${k} classes`);
  for (const [i, label] of labels.entries())
    if (!(label >= 0 && label < k)) throw new RangeError(`cell ${i} has label ${label}`);
  for (const [i, p] of probabilities.entries())
    if (Number.isNaN(p)) throw new RangeError(`cell ${Math.floor(i / k)} has no probabilities`);
}

/** NaN of nothing. */
function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
