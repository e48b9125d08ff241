import { type GuessSource, guessedClasses } from './baselines.ts';
import { type DonorRow, donorRows, NO_DONOR } from './donor-rows.ts';
import { type DonorStanding, donorStandings } from './donors.ts';
import { binomialInterval } from './intervals.ts';
import type { ScoreInput } from './score-input.ts';

export type { DonorRow } from './donor-rows.ts';
export type { ScoreInput } from './score-input.ts';

/** Right answers of n. */
export interface Tally {
  readonly right: number;
  readonly n: number;
  /** right / n; NaN when n is 0. */
  readonly accuracy: number;
}

/** A guess that looks at no gene, scored on the same cells and donors. */
export interface Baseline {
  /** Class guessed, or one per study. */
  readonly guesses: readonly { readonly study: string | null; readonly class: string }[];
  /** Where the guess comes from. */
  readonly from: GuessSource;
  readonly cells: Tally;
  readonly donors: Tally | null;
}

export interface Scores {
  readonly rows: readonly DonorRow[];
  /** Cells labelled, shown and of donors not seen in training. */
  readonly cells: Tally;
  /** The same with withheld predictions counted too, as a plain argmax would do. */
  readonly cellsBeforeWithholding: Tally;
  /** By mean probability of a donor's shown cells; null where no donor has one recorded class. */
  readonly donors: (Tally & { readonly interval: readonly [low: number, high: number] }) | null;
  readonly commonestClass: Baseline | null;
  /** null when the class a study held most in training is not known. */
  readonly commonestClassOfItsStudy: Baseline | null;
  /** [classes, classes] counted cells: recorded × predicted. */
  readonly confusion: Uint32Array;
  /** Cells left out of the scores, by reason (first that applies). */
  readonly leftOut: {
    readonly seen: number;
    /** Cells without a donor, in a file that also has donors seen in training: they may be theirs. */
    readonly noDonor: number;
    readonly unlabelled: number;
    readonly withheld: number;
  };
  /** False without donors: then nobody can say whether training saw these cells. */
  readonly donorsKnown: boolean;
}

/**
 * Predictions beside recorded labels, honestly: donors seen in training, cells that may be theirs and
 * withheld cells are left out of every accuracy, and two guesses that look at no gene stand beside it.
 */
export function score(input: ScoreInput): Scores {
  const k = input.classes.length;
  const n = input.withheld.length;
  const standings = donorStandings(input.donors?.labels ?? [], input.training);
  const standingOf = (i: number): DonorStanding => {
    const donor = input.donors?.labels[input.donors.codes[i] ?? -1];
    return (donor === undefined ? undefined : standings.get(donor)) ?? NO_DONOR;
  };
  const anySeen = [...standings.values()].some(({ status }) => status === 'seen');
  const inDoubt = (i: number) => anySeen && (input.donors?.codes[i] ?? -1) < 0;
  const predicted = Int32Array.from({ length: n }, (_, i) => argmaxRow(input.probabilities, i, k));
  const shown = (i: number) => input.withheld[i] === 0 && predicted[i] !== -1;

  const confusion = new Uint32Array(k * k);
  const tested: number[] = [];
  const before = { right: 0, n: 0 };
  const leftOut = { seen: 0, noDonor: 0, unlabelled: 0, withheld: 0 };
  let right = 0;
  for (let i = 0; i < n; i++) {
    const label = input.recorded?.[i] ?? -1;
    if (standingOf(i).status === 'seen') leftOut.seen++;
    else if (inDoubt(i)) leftOut.noDonor++;
    else if (label < 0) leftOut.unlabelled++;
    else {
      before.n++;
      if (predicted[i] === label) before.right++;
      if (!shown(i)) leftOut.withheld++;
      else {
        tested.push(i);
        if (predicted[i] === label) right++;
        const cell = label * k + (predicted[i] as number);
        confusion[cell] = (confusion[cell] as number) + 1;
      }
    }
  }

  const rows = donorRows(input, predicted, standings);
  const counted = rows.filter((row) => row.counted);
  const donorTally = (guess: (row: DonorRow) => number) =>
    counted.length === 0
      ? null
      : tally(counted.filter((row) => row.recorded === guess(row)).length, counted.length);
  const donors = donorTally((row) => row.predicted);

  const baseline = (from: GuessSource, classOf: (study: string | null) => number): Baseline => {
    const studies = [...new Set(tested.map((i) => standingOf(i).study))];
    return {
      guesses: studies.map((study) => ({ study, class: input.classes[classOf(study)] ?? '' })),
      from,
      cells: tally(
        tested.filter((i) => input.recorded?.[i] === classOf(standingOf(i).study)).length,
        tested.length,
      ),
      donors: donorTally((row) => classOf(row.standing.study)),
    };
  };
  const guesses = tested.length === 0 ? null : guessedClasses(input, tested, standingOf);
  return {
    rows,
    cells: tally(right, tested.length),
    cellsBeforeWithholding: tally(before.right, before.n),
    donors: donors === null ? null : { ...donors, interval: binomialInterval(donors.right, donors.n) },
    commonestClass: guesses === null ? null : baseline(guesses.overall.from, () => guesses.overall.class),
    commonestClassOfItsStudy:
      guesses === null || guesses.ofStudy === null
        ? null
        : baseline(guesses.ofStudy.from, (study) => guesses.ofStudy?.class(study) ?? guesses.overall.class),
    confusion,
    leftOut,
    donorsKnown: input.donors !== null,
  };
}

function tally(right: number, n: number): Tally {
  return { right, n, accuracy: right / n };
}

/** Index of a row's largest probability; −1 where one is NaN. */
function argmaxRow(probabilities: Float32Array, row: number, k: number): number {
  let best = -1;
  for (let c = 0; c < k; c++) {
    const value = probabilities[row * k + c] as number;
    if (Number.isNaN(value)) return -1;
    if (best < 0 || value > (probabilities[row * k + best] as number)) best = c;
  }
  return best;
}
