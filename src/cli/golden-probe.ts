import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fitLogistic, type LogisticProblem } from '../probe/logistic/fit.ts';
import { predictProbabilities } from '../probe/logistic/predict.ts';
import { fitScaler } from '../probe/logistic/scaler.ts';
import { argmaxRows, confusionMatrix } from '../probe/metrics/confusion.ts';
import { scoreMetrics } from '../probe/metrics/score.ts';
import type { MetricName } from '../probe/results.ts';
import { folders, type GoldenTensors, maxError, readGoldenTensors } from './golden-cases.ts';

/** One answer of a probe case beside scikit-learn's. */
export interface ProbeComparison {
  readonly what: string;
  readonly error: number;
  readonly tolerance: number;
}

const TOLERANCE = { probabilities: 1e-4, coefficients: 1e-3, metrics: 1e-4 } as const;

/** scikit-learn's metrics in probe.json by our names. */
const METRICS: Readonly<Record<string, MetricName>> = {
  accuracy: 'accuracy',
  balanced_accuracy: 'balancedAccuracy',
  f1_macro: 'f1Macro',
  f1_weighted: 'f1Weighted',
  auroc: 'auroc',
  log_loss: 'logLoss',
  average_precision: 'averagePrecision',
  mcc: 'mcc',
  brier: 'brier',
};

/** `DIR/probe/*`: scikit-learn's logistic regressions and metrics on made-up features. */
export function probeCases(root: string): { name: string; compare(): Promise<ProbeComparison[]> }[] {
  return folders(join(root, 'probe')).map((folder) => ({
    name: `probe/${basename(folder)}`,
    compare: () => compareProbe(folder),
  }));
}

async function compareProbe(folder: string): Promise<ProbeComparison[]> {
  const golden = readGoldenTensors(join(folder, 'probe.safetensors'));
  const answers: unknown = JSON.parse(readFileSync(join(folder, 'probe.json'), 'utf8'));
  const labels = asInts(golden, 'y');
  const probabilities = await heldOutProbabilities(golden);
  return [
    ...(await compareFits(golden)),
    compare('heldout.proba', probabilities, golden.get('heldout.proba'), TOLERANCE.probabilities),
    ...compareMetrics(answers, labels, probabilities),
  ];
}

/** Fits on all cells: without weights by C, and with balanced ones. */
async function compareFits(golden: GoldenTensors): Promise<ProbeComparison[]> {
  const problem = problemOn(golden, () => true);
  const comparisons: ProbeComparison[] = [];
  for (const name of golden.names) {
    const [, c] = /^C(.+)\.proba$/.exec(name) ?? [];
    if (c === undefined) continue;
    const model = await fitLogistic(problem, { c: Number(c) });
    const probabilities = predictProbabilities(model, problem.features, problem.rows);
    const against = (part: string, values: ArrayLike<number>, tolerance: number) =>
      comparisons.push(compare(`C${c}.${part}`, values, golden.get(`C${c}.${part}`), tolerance));
    against('proba', probabilities, TOLERANCE.probabilities);
    against('coef', model.coefficients, TOLERANCE.coefficients);
    against('intercept', model.intercepts, TOLERANCE.coefficients);
  }
  if (comparisons.length === 0) throw new Error('the case holds no fits');
  const balanced = await fitLogistic({ ...problem, weights: balancedWeights(problem) }, { c: 1 });
  const probabilities = predictProbabilities(balanced, problem.features, problem.rows);
  comparisons.push(
    compare('balanced.proba', probabilities, golden.get('balanced.proba'), TOLERANCE.probabilities),
  );
  return comparisons;
}

/** Each cell by a model and a scaler fitted on the other folds. */
async function heldOutProbabilities(golden: GoldenTensors): Promise<Float32Array> {
  const folds = golden.get('heldout.fold');
  const result = new Float32Array(golden.get('heldout.proba').length).fill(Number.NaN);
  for (const fold of new Set(folds)) {
    const problem = problemOn(golden, (row) => folds[row] !== fold);
    const model = await fitLogistic(problem, { c: 1 });
    const rows = Uint32Array.from(folds, (_, row) => row).filter((row) => folds[row] === fold);
    const probabilities = predictProbabilities(model, problem.features, rows);
    for (const [i, row] of rows.entries())
      result.set(probabilities.subarray(i * model.classes, (i + 1) * model.classes), row * model.classes);
  }
  return result;
}

function compareMetrics(
  answers: unknown,
  labels: Int32Array,
  probabilities: Float32Array,
): ProbeComparison[] {
  const { heldout } = answers as { readonly heldout: Readonly<Record<string, number | number[][]>> };
  const confusion = heldout.confusion as number[][];
  const k = confusion.length;
  // A NaN is no answer: it would be refused by the metrics instead of failing here.
  const answered = probabilities.every((p) => !Number.isNaN(p));
  const metrics = answered ? scoreMetrics(labels, probabilities, k) : null;
  const comparisons = Object.entries(heldout)
    .filter(([name]) => name !== 'confusion')
    .map(([name, value]) =>
      compare(name, [metrics?.[METRICS[name]] ?? Number.NaN], [value as number], TOLERANCE.metrics),
    );
  const counted = confusionMatrix(labels, argmaxRows(probabilities, k), k);
  return [...comparisons, compare('confusion', counted, confusion.flat(), 0)];
}

function problemOn(golden: GoldenTensors, included: (row: number) => boolean): LogisticProblem {
  const [n, dimension] = golden.shape('X');
  const features = Float32Array.from(golden.get('X'));
  const rows = Uint32Array.from({ length: n }, (_, row) => row).filter(included);
  return {
    features,
    dimension,
    rows,
    labels: asInts(golden, 'y'),
    classes: golden.shape('heldout.proba')[1],
    scaler: fitScaler(features, rows, dimension),
  };
}

/** scikit-learn's class_weight='balanced': n / (k · cells of the class). */
function balancedWeights({ rows, labels, classes }: LogisticProblem): Float64Array {
  const cells = new Float64Array(classes);
  for (const row of rows) cells[labels[row]]++;
  return Float64Array.from(rows, (row) => rows.length / (classes * cells[labels[row]]));
}

function asInts(golden: GoldenTensors, name: string): Int32Array {
  return Int32Array.from(golden.get(name));
}

function compare(
  what: string,
  actual: ArrayLike<number>,
  golden: ArrayLike<number>,
  tolerance: number,
): ProbeComparison {
  return { what, error: maxError(actual, golden), tolerance };
}

/** Prints "case what max_error ok|FAIL" for each comparison of the cases whose name contains `only`. */
export async function runProbeCases(
  root: string,
  only: string,
): Promise<{ readonly lines: number; readonly wrong: number }> {
  let lines = 0;
  let wrong = 0;
  for (const { name, compare: compareCase } of probeCases(root)) {
    if (!name.includes(only)) continue;
    const comparisons = await compareCase().catch((cause: unknown): ProbeComparison[] => {
      console.error(`  ${cause instanceof Error ? cause.message : String(cause)}`);
      return [{ what: 'case', error: Number.POSITIVE_INFINITY, tolerance: 0 }];
    });
    for (const { what, error, tolerance } of comparisons) {
      const ok = error <= tolerance;
      lines++;
      if (!ok) wrong++;
      console.log(`${name} ${what} ${error.toExponential(2)} ${ok ? 'ok' : 'FAIL'}`);
    }
  }
  return { lines, wrong };
}
