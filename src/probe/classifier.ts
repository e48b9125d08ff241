import type { FitEnvironment } from './logistic/back-ends.ts';
import { fitLogistic, type LogisticModel } from './logistic/fit.ts';
import { fitScaler } from './logistic/scaler.ts';
import type { ProbeSettings } from './types.ts';
import { classCounts } from './usable.ts';

/** Frozen features of all cells with what is to be learned from some of them. */
export interface LabelledFeatures {
  /** [n, dimension] */
  readonly features: Float32Array;
  readonly dimension: number;
  /** [n] */
  readonly labels: Int32Array;
  readonly classes: number;
}

export interface ClassifierOptions {
  readonly c: number;
  readonly classWeights: ProbeSettings['classWeights'];
  readonly signal: AbortSignal | undefined;
  readonly environment: FitEnvironment;
  /** A model of the same cells and classes to start from. */
  readonly start?: LogisticModel | undefined;
}

/**
 * A logistic regression on the features of `rows`, with a scaler fitted on them alone. Classes that they lack
 * get probability 0.
 */
export function fitClassifier(
  { features, dimension, labels, classes }: LabelledFeatures,
  rows: Uint32Array,
  options: ClassifierOptions,
): Promise<LogisticModel> {
  const { classWeights, ...rest } = options;
  const scaler = fitScaler(features, rows, dimension);
  const problem = { features, dimension, rows, labels, classes, scaler };
  const weights = classWeights === 'balanced' ? { weights: balancedWeights(labels, rows, classes) } : {};
  return fitLogistic({ ...problem, ...weights }, rest);
}

/** scikit-learn's `class_weight='balanced'`: n / (classes present · cells of the class), for each of `rows`. */
function balancedWeights(labels: Int32Array, rows: Uint32Array, classes: number): Float64Array {
  const counts = classCounts(labels, rows, classes);
  const present = counts.filter((count) => count > 0).length;
  return Float64Array.from(rows, (row) => rows.length / (present * counts[labels[row]]));
}
