import type { Evaluation, MethodResult, MetricName, PermutationNull, Uncertainty } from '../probe/results.ts';
import type { SplitPlan } from '../probe/types.ts';
import { count, counted, figure, percent, probability, range } from './numbers.ts';

/** Names of the metrics in the order of the table, accuracy first. */
export const METRIC_NAMES: Readonly<Record<MetricName, string>> = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  f1Macro: 'macro F1',
  f1Weighted: 'weighted F1',
  auroc: 'AUROC',
  averagePrecision: 'average precision',
  mcc: 'MCC',
  logLoss: 'log loss',
  brier: 'Brier',
};

export const METRICS = Object.keys(METRIC_NAMES) as readonly MetricName[];

/** How sure a method's figures are, as one sentence without its full stop. */
export function uncertaintyWords(uncertainty: Uncertainty): string {
  const claim = claimWords(uncertainty);
  const right = uncertainty.kind === 'no-groups' ? null : uncertainty.donorsRight;
  if (!right) return claim;
  const words = donorsRightWords(right);
  return uncertainty.kind === 'no-claim' ? `${claim} (${words})` : `${claim}; ${words}`;
}

/** What can be claimed of the figures, donors right aside. */
export function claimWords(uncertainty: Uncertainty): string {
  switch (uncertainty.kind) {
    case 'bootstrap':
      return `95 % intervals from ${count(uncertainty.resamples)} resamples of donors`;
    case 'donors-right':
      return 'too few donors for intervals: donors right are counted instead';
    case 'no-claim':
      return 'no claim can be made: too few tested donors of a class';
    case 'no-groups':
      return 'no claim can be made: nothing says which cells come from the same donor';
  }
}

function donorsRightWords({
  right,
  n,
  interval,
}: {
  readonly right: number;
  readonly n: number;
  readonly interval: readonly [number, number];
}): string {
  return `${right} of ${counted(n, 'donor')} right (exact 95 % interval ${percent(interval[0])} to ${percent(interval[1])})`;
}

const PERMUTED: Readonly<Record<PermutationNull['unit'], string>> = {
  donors: 'over whole donors',
  'donors-within-studies': 'over the whole donors of each study',
  'cells-within-donors': 'within donors',
};

/** What chance gives with these donors, beside what was reached: never taken for 0.5. */
export function nullWords(permutation: PermutationNull, metrics: MethodResult['metrics']): string {
  const { metric, mean, interval, p, smallestP, permutations, exhaustive } = permutation;
  const over = PERMUTED[permutation.unit];
  const times = exhaustive
    ? `all ${count(permutations)} relabellings`
    : counted(permutations, 'random relabelling');
  return (
    `${METRIC_NAMES[metric]} ${figure(metrics[metric])} against ${figure(mean)} (95 % ${range(interval)}) ` +
    `with labels permuted ${over}, ${times}: p = ${probability(p)}, ` +
    `the smallest these donors can give is ${probability(smallestP)}`
  );
}

/** Of how many cells and donors all methods of the table speak. */
export function testedWords(evaluation: Evaluation): string {
  const { tested, labelled, testedGroups, groups, seenGroups } = evaluation;
  const of = groups > 0 ? ` of ${count(testedGroups)} of ${counted(groups, 'donor')}` : '';
  const seen = seenGroups.length
    ? `; ${counted(seenGroups.length, 'donor')} seen in training of the model: in training folds only`
    : '';
  return `${count(tested)} of ${counted(labelled, 'labelled cell')} tested${of}${seen}`;
}

/** How train and test cells were told apart. */
export function splitWords(split: SplitPlan): string {
  switch (split.kind) {
    case 'leave-one-group-out':
      return 'each donor held out in turn';
    case 'grouped-k-fold':
      return `donors divided into ${counted(split.folds, 'fold')}, each held out in turn`;
    case 'held-out-groups':
      return `tested on ${split.groups.join(', ')}, trained on all other donors`;
    case 'held-out-case':
      return `trained on ${split.trainCases.join(', ')} against ${split.control}, tested on ${split.testCase} against ${split.control} of other donors`;
    case 'random-cells':
      return `cells divided at random into ${counted(split.folds, 'fold')}: cells of one donor on both sides`;
  }
}

/** What must stand beside the figures of such a split. */
export function splitWarning(evaluation: Evaluation, split: SplitPlan): string | null {
  const probe = evaluation.methods[0];
  if (split.kind === 'random-cells') {
    const honest = evaluation.byGroupInstead;
    const start =
      'Cells were divided at random, so the probe was tested on donors it had trained on: it may recognise the donor.';
    if (!probe || !honest) return `${start} Without donors nothing shows by how much.`;
    return `${start} Balanced accuracy ${figure(probe.metrics.balancedAccuracy)} this way, ${figure(honest.metrics.balancedAccuracy)} with donors held out; AUROC ${figure(probe.metrics.auroc)} this way, ${figure(honest.metrics.auroc)} with donors held out. Only the second tells of new donors.`;
  }
  if (split.kind === 'held-out-case') {
    return `The probe never trained on ${split.testCase}: these figures say whether what tells ${split.trainCases.join(', ')} from ${split.control} also tells ${split.testCase} from it. Cases that differ by study, chemistry or site as well may be told apart by that alone.`;
  }
  return null;
}
