import type { SoftmaxData } from '../../engine/softmax-loss.ts';
import { type Scaler, standardiseRows } from './scaler.ts';

/** What a logistic regression is fitted to. */
export interface LogisticProblem {
  /** [n, dimension] */
  readonly features: Float32Array;
  readonly dimension: number;
  /** Cells used. */
  readonly rows: Uint32Array;
  /** [n] class; only those of `rows` are read. */
  readonly labels: Int32Array;
  readonly classes: number;
  /** Fitted on cells of the training set only. */
  readonly scaler: Scaler;
  /** [rows] non-negative; absent = 1 for each. */
  readonly weights?: Float64Array;
}

/** A fitted logistic regression on standardised features. */
export interface LogisticModel {
  /** [1 or k, d]: one row for two classes, of the second, as scikit-learn. */
  readonly coefficients: Float64Array<ArrayBuffer>;
  /** [1 or k]; −Infinity (two classes: ±Infinity) for a class without training cells: probability 0. */
  readonly intercepts: Float64Array<ArrayBuffer>;
  readonly classes: number;
  readonly dimension: number;
  readonly scaler: Scaler;
  readonly iterations: number;
  readonly converged: boolean;
}

/**
 * Classes that have training cells, ascending.
 * @throws RangeError for no cells, arrays of other lengths, or a label that is no class
 */
export function presentClasses(problem: LogisticProblem): number[] {
  const { features, dimension, rows, labels, classes, weights } = problem;
  if (rows.length === 0) throw new RangeError('a logistic regression without cells');
  if (features.length !== labels.length * dimension)
    throw new RangeError(`${features.length} features for ${labels.length} cells of ${dimension}`);
  if (weights !== undefined && weights.length !== rows.length)
    throw new RangeError(`${weights.length} weights for ${rows.length} cells`);
  const present = new Set<number>();
  for (const row of rows) {
    const label = labels[row];
    if (!(label >= 0 && label < classes)) throw new RangeError(`cell ${row} has label ${label}`);
    present.add(label);
  }
  return [...present].sort((a, b) => a - b);
}

/** The problem over the classes that are present, as the losses take it. */
export function softmaxData(problem: LogisticProblem, present: readonly number[]): SoftmaxData {
  const { features, dimension, rows, labels, scaler, weights } = problem;
  const position = new Map(present.map((label, i) => [label, i]));
  return {
    cells: rows.length,
    dimension,
    outputs: present.length === 2 ? 1 : present.length,
    features: (first, last) => standardiseRows(features, rows, scaler, first, last),
    labels: Int32Array.from(rows, (row) => position.get(labels[row]) ?? -1),
    weights: weights === undefined ? new Float64Array(rows.length).fill(1) : Float64Array.from(weights),
  };
}

/** Parameters [m, d + 1] of the present classes from a model of all; zeros without one. */
export function startParameters(
  data: SoftmaxData,
  present: readonly number[],
  start: LogisticModel | undefined,
): Float64Array<ArrayBuffer> {
  const { outputs, dimension: d } = data;
  const parameters = new Float64Array(outputs * (d + 1));
  if (start === undefined || start.dimension !== d || start.intercepts.length !== outputs) return parameters;
  for (let c = 0; c < outputs; c++) {
    const from = outputs === 1 ? 0 : present[c];
    parameters.set(start.coefficients.subarray(from * d, (from + 1) * d), c * (d + 1));
    parameters[c * (d + 1) + d] = Number.isFinite(start.intercepts[from]) ? start.intercepts[from] : 0;
  }
  return parameters;
}

/** The model of all classes from parameters [m, d + 1] of those present. */
export function toModel(
  problem: LogisticProblem,
  present: readonly number[],
  parameters: Float64Array,
  { iterations, converged }: Pick<LogisticModel, 'iterations' | 'converged'>,
): LogisticModel {
  const { classes, dimension: d, scaler } = problem;
  const outputs = classes === 2 ? 1 : classes;
  const coefficients = new Float64Array(outputs * d);
  const intercepts = new Float64Array(outputs).fill(Number.NEGATIVE_INFINITY);
  const put = (to: number, from: number, factor: number) => {
    const own = parameters.subarray(from * (d + 1), (from + 1) * (d + 1));
    for (let j = 0; j < d; j++) coefficients[to * d + j] = factor * own[j];
    intercepts[to] = factor * own[d];
  };
  if (present.length === 1) {
    if (classes > 2) intercepts[present[0]] = 0;
    else intercepts[0] = present[0] === 1 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  } else if (classes === 2) put(0, 0, 1);
  else if (present.length === 2) {
    // The binomial of the two as a softmax: the difference of their rows is what counts.
    put(present[0], 0, -0.5);
    put(present[1], 0, 0.5);
  } else for (const [i, label] of present.entries()) put(label, i, 1);
  return { coefficients, intercepts, classes, dimension: d, scaler, iterations, converged };
}
