import type { Evaluation, MethodResult, MetricName, Uncertainty } from '../probe/results.ts';
import { count, figure, percent, range } from './numbers.ts';
import { claimWords, METRICS, uncertaintyWords } from './words.ts';

/** One line of the table of methods, every figure with what is known of its uncertainty. */
export interface MethodRow {
  readonly id: MethodResult['id'];
  readonly name: string;
  readonly figures: readonly {
    readonly metric: MetricName;
    readonly value: string;
    /** 95 % over donors; null where donors are too few for one. */
    readonly interval: string | null;
  }[];
  /** Cells answered, those without an answer said in brackets. */
  readonly cells: string;
  readonly answered: string;
  /** null where every cell is answered. */
  readonly unanswered: string | null;
  readonly donors: string;
  /** Of them right, with the exact interval; null where nobody can be right or wrong. */
  readonly donorsRight: string | null;
  /** How sure, in words. */
  readonly sure: string;
  /** The same without the donors right. */
  readonly claim: string;
  /** True where no claim can be made from these figures. */
  readonly noClaim: boolean;
}

/** Methods on the same cells. */
export type Compared = Pick<Evaluation, 'methods' | 'byGroupInstead'>;

/** The methods in the order they are shown; where cells leak, the honest figure stands under the leaking one. */
export function comparedMethods({ methods, byGroupInstead }: Compared): readonly MethodResult[] {
  const [probe, ...others] = methods;
  const honest = byGroupInstead
    ? [{ ...byGroupInstead, name: `${byGroupInstead.name}, donors held out` }]
    : [];
  return [probe, ...honest, ...others];
}

/** The methods as the page and the report show them: the probe first, what it must beat below. */
export function methodRows(evaluation: Compared): readonly MethodRow[] {
  return comparedMethods(evaluation).map((method): MethodRow => {
    const { uncertainty, metrics, withheld } = method;
    const kind = uncertainty.kind;
    return {
      id: method.id,
      name: method.name,
      figures: METRICS.map((metric) => ({
        metric,
        value: figure(metrics[metric]),
        interval:
          uncertainty.kind === 'bootstrap' && Number.isFinite(metrics[metric])
            ? range(uncertainty.intervals[metric])
            : null,
      })),
      cells:
        withheld > 0
          ? `${count(method.cells.length)} (${count(withheld)} without an answer)`
          : count(method.cells.length),
      answered: count(method.cells.length),
      unanswered: withheld > 0 ? `${count(withheld)} unanswered` : null,
      donors: method.byGroup.length > 0 ? count(method.byGroup.length) : '–',
      donorsRight: donorsRight(uncertainty),
      sure: uncertaintyWords(uncertainty),
      claim: claimWords(uncertainty),
      noClaim: kind === 'no-claim' || kind === 'no-groups',
    };
  });
}

function donorsRight(uncertainty: Uncertainty): string | null {
  const found = uncertainty.kind === 'no-groups' ? null : uncertainty.donorsRight;
  return found && `${found.right} right, ${percent(found.interval[0])} to ${percent(found.interval[1])}`;
}

/** A donor's line: tested with its figures, or seen in training of the model and without any. */
export interface DonorLine {
  readonly name: string;
  readonly seen: boolean;
  readonly cells: string;
  readonly recorded: string;
  readonly predicted: string;
  readonly accuracy: string;
  /** Probability of the recorded class, mean over the donor's cells. */
  readonly probability: string;
}

export function donorLines(
  evaluation: Pick<Evaluation, 'classes' | 'seenGroups'>,
  method: MethodResult,
): readonly DonorLine[] {
  const { classes } = evaluation;
  const tested = method.byGroup.map(
    (donor): DonorLine => ({
      name: donor.name,
      seen: false,
      cells: count(donor.n),
      recorded: classes[donor.recorded] ?? 'several',
      predicted: classes[donor.predicted] ?? '–',
      accuracy: figure(donor.accuracy),
      probability: donor.recorded < 0 ? '–' : figure(donor.meanProbability[donor.recorded]),
    }),
  );
  const seen = evaluation.seenGroups.map(
    (name): DonorLine => ({
      name,
      seen: true,
      cells: '–',
      recorded: '–',
      predicted: '–',
      accuracy: '–',
      probability: '–',
    }),
  );
  return [...tested, ...seen].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}
