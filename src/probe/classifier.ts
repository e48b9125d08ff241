import { fitLogistic, type LogisticModel } from './logistic/fit.ts';
import { predictProbabilities } from './logistic/predict.ts';
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
  readonly signal?: AbortSignal | undefined;
  /** A classifier of the same cells and classes to start from. */
  readonly start?: Classifier | undefined;
}

/**
 * A logistic regression over the classes that its training cells have, as scikit-learn fits it; the other
 * classes of the data get probability 0. With one class only it answers that class, always.
 */
export interface Classifier {
  /** Classes among the training cells, ascending. */
  readonly present: readonly number[];
  /** null = one class only. */
  readonly model: LogisticModel | null;
}

/** @param rows training cells, one at least; the scaler is fitted on them alone */
export async function fitClassifier(
  data: LabelledFeatures,
  rows: Uint32Array,
  options: ClassifierOptions,
): Promise<Classifier> {
  const counts = classCounts(data.labels, rows, data.classes);
  const present = Array.from(counts.keys()).filter((label) => counts[label] > 0);
  if (present.length < 2) return { present, model: null };
  const compact = new Int32Array(data.classes).fill(-1);
  present.forEach((label, code) => {
    compact[label] = code;
  });
  const labels = data.labels.map((label) => (label < 0 ? -1 : compact[label]));
  const weights = options.classWeights === 'balanced' ? balancedWeights(data.labels, rows, counts) : null;
  const start = options.start?.model;
  const model = await fitLogistic(
    {
      features: data.features as Float32Array<ArrayBuffer>,
      dimension: data.dimension,
      rows: rows as Uint32Array<ArrayBuffer>,
      labels,
      classes: present.length,
      scaler: fitScaler(
        data.features as Float32Array<ArrayBuffer>,
        rows as Uint32Array<ArrayBuffer>,
        data.dimension,
      ),
      ...(weights === null ? {} : { weights }),
    },
    {
      c: options.c,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      ...(start ? { start } : {}),
    },
  );
  return { present, model };
}

/** @returns [rows, classes] */
export function classify(
  classifier: Classifier,
  data: LabelledFeatures,
  rows: Uint32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const { present, model } = classifier;
  const k = data.classes;
  const all = new Float32Array(rows.length * k);
  if (model === null) {
    for (let r = 0; r < rows.length; r++) all[r * k + present[0]] = 1;
    return all;
  }
  const own = predictProbabilities(model, data.features as Float32Array<ArrayBuffer>, rows);
  for (let r = 0; r < rows.length; r++) {
    for (let c = 0; c < present.length; c++) all[r * k + present[c]] = own[r * present.length + c];
  }
  return all;
}

/** scikit-learn's `class_weight='balanced'`: n / (classes · cells of the class), for each of `rows`. */
function balancedWeights(labels: Int32Array, rows: Uint32Array, counts: Float64Array): Float64Array {
  const classes = counts.filter((count) => count > 0).length;
  return Float64Array.from(rows, (row) => rows.length / (classes * counts[labels[row]]));
}
