import type { TrainingRecord } from '../model/training-record.ts';
import { type DonorStanding, donorStandings } from './donors.ts';
import { binomialInterval } from './intervals.ts';
import type { RecordedLabels } from './labels.ts';

/** What is scored: one annotation of n embedded cells. */
export interface ScoreInput {
  readonly annotation: string;
  readonly classes: readonly string[];
  /** [n, classes] */
  readonly probabilities: Float32Array;
  /** [n] not 0 = withheld: shown to nobody, so scored for nobody. */
  readonly withheld: Uint8Array;
  /** [n] index into `classes`, −1 = no recorded label; null = no label column. */
  readonly recorded: Int32Array | null;
  /** Donor of each cell; null = the file names none. */
  readonly donors: RecordedLabels | null;
  /** null = a package without a training record. */
  readonly training: Pick<TrainingRecord, 'trainingDonors' | 'heldOutDonors' | 'trainingClassCounts'> | null;
}

/** One donor; arrays are per class. Means and spread are over the cells shown; NaN where none is. */
export interface DonorRow {
  readonly donor: string;
  readonly standing: DonorStanding;
  readonly cells: number;
  readonly shown: number;
  /** Commonest recorded class, −1 = none recorded. */
  readonly recorded: number;
  /** Cells of this donor carry several recorded classes, so the donor has none to be right about. */
  readonly mixed: boolean;
  readonly mean: Float64Array;
  readonly sd: Float64Array;
  /** 5 % and 95 % quantiles. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Class of the highest mean probability, −1 where no cell is shown. */
  readonly predicted: number;
  /** Counted in the scores: not seen in training, with one recorded class and cells shown. */
  readonly counted: boolean;
}

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
  readonly from: 'training' | 'seen donors of this file' | 'the tested cells';
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
  readonly leftOut: { readonly seen: number; readonly unlabelled: number; readonly withheld: number };
  /** False without donors: then nobody can say whether training saw these cells. */
  readonly donorsKnown: boolean;
}

const NO_DONOR: DonorStanding = { status: 'new', study: null };

/**
 * Predictions beside recorded labels, honestly: donors seen in training and withheld cells are left
 * out of every accuracy, and two guesses that look at no gene stand beside it.
 */
export function score(input: ScoreInput): Scores {
  const k = input.classes.length;
  const n = input.withheld.length;
  const standings = donorStandings(input.donors?.labels ?? [], input.training);
  const standingOf = (i: number): DonorStanding => {
    const donor = input.donors?.labels[input.donors.codes[i] ?? -1];
    return (donor === undefined ? undefined : standings.get(donor)) ?? NO_DONOR;
  };
  const predicted = Int32Array.from({ length: n }, (_, i) => argmaxRow(input.probabilities, i, k));
  const shown = (i: number) => input.withheld[i] === 0 && predicted[i] !== -1;

  const confusion = new Uint32Array(k * k);
  const tested: number[] = [];
  const before = { right: 0, n: 0 };
  const leftOut = { seen: 0, unlabelled: 0, withheld: 0 };
  let right = 0;
  for (let i = 0; i < n; i++) {
    const label = input.recorded?.[i] ?? -1;
    if (standingOf(i).status === 'seen') leftOut.seen++;
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

  const baseline = (from: Baseline['from'], classOf: (study: string | null) => number): Baseline => {
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
  const guesses = tested.length === 0 ? null : trainingGuesses(input, tested, standingOf);
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

function commonest(counts: ArrayLike<number>): number {
  let best = -1;
  for (let c = 0; c < counts.length; c++) {
    if ((counts[c] as number) > 0 && (best < 0 || (counts[c] as number) > (counts[best] as number))) best = c;
  }
  return best;
}

interface Guesses {
  readonly overall: { readonly class: number; readonly from: Baseline['from'] };
  readonly ofStudy: {
    readonly from: Baseline['from'];
    /** undefined = a study training never saw: the overall guess stands in. */
    readonly class: (study: string | null) => number | undefined;
  } | null;
}

/** The classes the two baselines guess: from the training record, else from what this file tells. */
function trainingGuesses(
  input: ScoreInput,
  tested: readonly number[],
  standingOf: (i: number) => DonorStanding,
): Guesses {
  const record = input.training?.trainingClassCounts?.[input.annotation];
  if (record !== undefined) {
    const totals = new Float64Array(input.classes.length);
    const ofStudy = new Map<string | null, number>();
    for (const [study, counts] of Object.entries(record)) {
      const own = input.classes.map((name) => counts[name] ?? 0);
      own.forEach((count, c) => {
        totals[c] = (totals[c] as number) + count;
      });
      const most = commonest(own);
      if (most >= 0) ofStudy.set(study, most);
    }
    return {
      overall: { class: commonest(totals), from: 'training' },
      ofStudy: { from: 'training', class: (study) => ofStudy.get(study) },
    };
  }
  const counts = new Float64Array(input.classes.length);
  for (const i of tested) {
    const label = input.recorded?.[i] as number;
    counts[label] = (counts[label] as number) + 1;
  }
  const overall = { class: commonest(counts), from: 'the tested cells' } as const;
  // The file's own seen donors are training cells of their study, where it holds any.
  const seen = new Map<string | null, Float64Array>();
  for (let i = 0; i < input.withheld.length; i++) {
    const standing = standingOf(i);
    const label = input.recorded?.[i] ?? -1;
    if (standing.status !== 'seen' || label < 0) continue;
    const own = seen.get(standing.study) ?? new Float64Array(input.classes.length);
    own[label] = (own[label] as number) + 1;
    seen.set(standing.study, own);
  }
  if (seen.size === 0) return { overall, ofStudy: null };
  return {
    overall,
    ofStudy: {
      from: 'seen donors of this file',
      class: (study) => {
        const own = seen.get(study);
        return own === undefined ? undefined : commonest(own);
      },
    },
  };
}

function donorRows(
  input: ScoreInput,
  predicted: Int32Array,
  standings: ReadonlyMap<string, DonorStanding>,
): DonorRow[] {
  const { donors, classes, probabilities, recorded, withheld } = input;
  if (donors === null) return [];
  const k = classes.length;
  const cellsOf: number[][] = donors.labels.map(() => []);
  donors.codes.forEach((donor, i) => {
    cellsOf[donor]?.push(i);
  });
  const rows = donors.labels.map((donor, d): DonorRow => {
    const cells = cellsOf[d] ?? [];
    const shown = cells.filter((i) => withheld[i] === 0 && predicted[i] !== -1);
    const labels = new Uint32Array(k);
    for (const i of cells) {
      const label = recorded?.[i] ?? -1;
      if (label >= 0) labels[label] = (labels[label] as number) + 1;
    }
    const summaries = classes.map((_, c) =>
      summary(Float64Array.from(shown, (i) => probabilities[i * k + c] as number)),
    );
    const mean = Float64Array.from(summaries, (s) => s.mean);
    const label = commonest(labels);
    const mixed = labels.filter((count) => count > 0).length > 1;
    const standing = standings.get(donor) ?? NO_DONOR;
    return {
      donor,
      standing,
      cells: cells.length,
      shown: shown.length,
      recorded: label,
      mixed,
      mean,
      sd: Float64Array.from(summaries, (s) => s.sd),
      low: Float64Array.from(summaries, (s) => s.low),
      high: Float64Array.from(summaries, (s) => s.high),
      predicted: commonest(mean),
      counted: standing.status !== 'seen' && label >= 0 && !mixed && shown.length > 0,
    };
  });
  return rows
    .filter((row) => row.cells > 0)
    .sort((a, b) => a.donor.localeCompare(b.donor, 'en', { numeric: true }));
}

/** Mean, sample standard deviation (0 for one value), and linearly interpolated 5 % and 95 % quantiles. */
function summary(values: Float64Array): { mean: number; sd: number; low: number; high: number } {
  const n = values.length;
  if (n === 0) return { mean: Number.NaN, sd: Number.NaN, low: Number.NaN, high: Number.NaN };
  const sorted = values.sort();
  const mean = sorted.reduce((sum, v) => sum + v, 0) / n;
  const sd = n < 2 ? 0 : Math.sqrt(sorted.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1));
  const quantile = (p: number) => {
    const at = p * (n - 1);
    const i = Math.floor(at);
    const from = sorted[i] as number;
    return from + ((sorted[Math.min(n - 1, i + 1)] as number) - from) * (at - i);
  };
  return { mean, sd, low: quantile(0.05), high: quantile(0.95) };
}
