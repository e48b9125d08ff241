import { Pacer } from '../../analysis/pacer.ts';
import { fitClassifier } from '../classifier.ts';
import type { Fits } from '../fits.ts';
import { predictProbabilities } from '../logistic/predict.ts';
import { scoreMetrics } from '../metrics/score.ts';
import type { Metrics, PermutationNull } from '../results.ts';
import type { Fold, ProbeData, ProbeSettings } from '../types.ts';
import { groupsOf } from '../usable.ts';
import { centralInterval } from './quantile.ts';
import { type Relabellings, relabellings } from './relabellings.ts';

/** Metrics as near as this are equal: the same answers summed in another order. */
const EQUAL = 1e-12;

/** Labels that say nothing, for the groups of these folds; null where they can be permuted in no way. */
export function planPermutations(
  data: ProbeData,
  folds: readonly Fold[],
  settings: Pick<ProbeSettings, 'permutations' | 'seed'>,
): Relabellings | null {
  if (data.groups === null || settings.permutations < 1) return null;
  const cells = new Set(folds.flatMap((fold) => [...fold.train, ...fold.test]));
  const groups = groupsOf(
    data,
    [...cells].sort((a, b) => a - b),
  ).filter((group) => !group.seen);
  return relabellings(data, groups, settings.permutations, settings.seed);
}

/** Fits that `permutationNull` makes: the recorded labelling is not fitted again. */
export function permutationFits(plan: Relabellings | null, folds: number): number {
  return plan === null ? 0 : (plan.count - (plan.exhaustive ? 1 : 0)) * folds;
}

/**
 * What the probe scores where labels say nothing: the same folds and the C chosen in them, fitted and scored
 * on labels permuted as `plan` says. AUROC for two classes, else balanced accuracy. Relabellings for which
 * the metric is undefined (one class among the tested cells) are left out of the distribution.
 * @param observed the probe's metrics on the recorded labels
 * @param cs C of each fold
 * @returns null where the metric is undefined for the recorded labels or for all others
 */
export async function permutationNull(
  data: ProbeData,
  folds: readonly Fold[],
  cs: readonly number[],
  plan: Relabellings,
  observed: Metrics,
  settings: Pick<ProbeSettings, 'classWeights'>,
  fits: Fits,
): Promise<PermutationNull | null> {
  return distribution(data.classes.length, plan, observed, (labels) =>
    scored(data, labels, folds, cs, settings.classWeights, fits),
  );
}

/**
 * The same of answers that are given, to the cells of one test that nothing was learnt from: only the labels of its
 * donors are permuted, nothing is fitted.
 * @param test ascending cells
 * @param probabilities [test, classes]
 */
export async function nullOfAnswers(
  data: ProbeData,
  test: Uint32Array<ArrayBuffer>,
  probabilities: Float32Array,
  observed: Metrics,
  settings: Pick<ProbeSettings, 'permutations' | 'seed'>,
  signal: AbortSignal | undefined,
): Promise<PermutationNull | null> {
  const fold = { name: 'test', train: new Uint32Array(0), test };
  const plan = planPermutations(data, [fold], settings);
  if (plan === null) return null;
  const pacer = new Pacer(signal);
  return distribution(data.classes.length, plan, observed, async (labels) => {
    await pacer.pause();
    const own = Int32Array.from(test, (cell) => labels[cell]);
    return scoreMetrics(own, probabilities, data.classes.length);
  });
}

async function distribution(
  classes: number,
  plan: Relabellings,
  observed: Metrics,
  score: (labels: Int32Array) => Promise<Metrics>,
): Promise<PermutationNull | null> {
  const metric = classes === 2 ? 'auroc' : 'balancedAccuracy';
  const reached = observed[metric];
  if (Number.isNaN(reached)) return null;
  const values: number[] = [];
  for (const { labels, recorded } of plan.each()) {
    const value = recorded ? reached : (await score(labels))[metric];
    if (!Number.isNaN(value)) values.push(value);
  }
  const n = values.length;
  if (n === 0) return null;
  const asGood = values.filter((value) => value >= reached - EQUAL).length;
  return {
    permutations: n,
    unit: plan.unit,
    exhaustive: plan.exhaustive,
    metric,
    mean: values.reduce((sum, value) => sum + value, 0) / n,
    interval: centralInterval(values),
    p: plan.exhaustive ? asGood / n : (1 + asGood) / (1 + n),
    smallestP: plan.exhaustive ? 1 / n : 1 / (1 + n),
  };
}

async function scored(
  data: ProbeData,
  labels: Int32Array,
  folds: readonly Fold[],
  cs: readonly number[],
  classWeights: ProbeSettings['classWeights'],
  fits: Fits,
): Promise<Metrics> {
  const classes = data.classes.length;
  const matrix = { features: data.features, dimension: data.dimension, labels, classes };
  const tested = folds.flatMap((fold) => Array.from(fold.test));
  const probabilities = new Float32Array(tested.length * classes);
  let offset = 0;
  for (const [f, fold] of folds.entries()) {
    const options = { c: cs[f], classWeights, ...fits.where };
    const model = await fitClassifier(matrix, fold.train, options);
    const answers = predictProbabilities(model, matrix.features, fold.test);
    probabilities.set(answers, offset);
    offset += answers.length;
    fits.one();
  }
  return scoreMetrics(
    Int32Array.from(tested, (cell) => labels[cell]),
    probabilities,
    classes,
  );
}
