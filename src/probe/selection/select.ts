import { fitClassifier, type LabelledFeatures } from '../classifier.ts';
import type { Fits } from '../fits.ts';
import type { LogisticModel } from '../logistic/fit.ts';
import { predictProbabilities } from '../logistic/predict.ts';
import type { ProbeData, ProbeSettings } from '../types.ts';
import { innerFolds, MOST_INNER_FOLDS, type NoInnerFolds } from './inner-folds.ts';
import { chooseThreshold } from './threshold.ts';

type SelectionSettings = Pick<ProbeSettings, 'c' | 'classWeights' | 'seed'>;

/** Inverse strengths of L2 that are tried, tenfold apart. */
export const C_GRID: readonly number[] = [1e-3, 1e-2, 1e-1, 1, 10, 100];
/** C where nothing can be chosen: scikit-learn's default. */
const DEFAULT_C = 1;
/** The loss over C has one valley: after two steps up its ground lies behind. */
const STEPS_UP = 2;

export interface Selection {
  readonly c: number;
  /** null where there are no validation cells. */
  readonly threshold: number | null;
  /** Why C is the default one, or null. */
  readonly fallback: NoInnerFolds | null;
}

/** The most fits that `select` makes. */
export function selectionFits(settings: SelectionSettings): number {
  return MOST_INNER_FOLDS * (settings.c === 'chosen' ? C_GRID.length : 1);
}

/**
 * Chooses C and the threshold for abstention on training cells alone, by cross-validation over their groups.
 * C is that of the least log loss over all validation cells, of equals the smaller (classes weigh alike where
 * the probe balances them). Log loss rather than balanced accuracy: it is defined where a validation
 * group has one class only, as donors have, it tells strengths apart that answer alike, and the threshold
 * needs probabilities that mean something.
 */
export async function select(
  data: ProbeData,
  matrix: LabelledFeatures,
  train: Uint32Array<ArrayBuffer>,
  settings: SelectionSettings,
  fits: Fits,
): Promise<Selection> {
  const folds = innerFolds(data, train, settings.seed);
  if (typeof folds === 'string') {
    const given = settings.c !== 'chosen';
    return { c: given ? settings.c : DEFAULT_C, threshold: null, fallback: given ? null : folds };
  }
  const validation = folds.flatMap((fold) => Array.from(fold.validation));
  const labels = Int32Array.from(validation, (cell) => matrix.labels[cell]);
  const grid = settings.c === 'chosen' ? C_GRID : [settings.c];
  const starts: (LogisticModel | undefined)[] = folds.map(() => undefined);
  let best = { c: grid[0], loss: Number.POSITIVE_INFINITY, probabilities: new Float32Array(0) };
  let stepsUp = 0;
  for (const c of grid) {
    const probabilities = new Float32Array(validation.length * matrix.classes);
    let offset = 0;
    for (const [i, fold] of folds.entries()) {
      const { classWeights } = settings;
      const model = await fitClassifier(matrix, fold.train, {
        c,
        classWeights,
        ...fits.where,
        start: starts[i],
      });
      starts[i] = model;
      const answers = predictProbabilities(model, matrix.features, fold.validation);
      probabilities.set(answers, offset);
      offset += answers.length;
      fits.one();
    }
    const loss = logLoss(labels, probabilities, matrix.classes, settings.classWeights === 'balanced');
    if (loss < best.loss) {
      best = { c, loss, probabilities };
      stepsUp = 0;
    } else if (++stepsUp === STEPS_UP) break;
  }
  return {
    c: best.c,
    threshold: chooseThreshold(labels, best.probabilities, matrix.classes),
    fallback: null,
  };
}

function logLoss(
  labels: Int32Array,
  probabilities: Float32Array,
  classes: number,
  balanced: boolean,
): number {
  const counts = new Float64Array(classes);
  for (const label of labels) counts[label]++;
  let sum = 0;
  let total = 0;
  labels.forEach((label, r) => {
    const weight = balanced ? 1 / counts[label] : 1;
    sum -= weight * Math.log(Math.max(probabilities[r * classes + label], 1e-7));
    total += weight;
  });
  return sum / total;
}
