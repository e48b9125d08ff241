import { binomialInterval } from '../../analysis/intervals.ts';
import type { DonorsRight, GroupMetrics, Uncertainty } from '../results.ts';
import type { ProbeData, ProbeSettings } from '../types.ts';
import { type GroupOfCells, groupsOf } from '../usable.ts';
import { donorBootstrap } from './bootstrap.ts';
import { WeightedScores } from './weighted-scores.ts';

/** Donors of the rarest class from which resampling them means something, and from which counting does. */
const FOR_BOOTSTRAP = 6;
const FOR_COUNT = 3;

export interface Answers {
  /** [t] */
  readonly cells: Uint32Array<ArrayBuffer>;
  /** [t] */
  readonly labels: Int32Array<ArrayBuffer>;
  /** [t, k] */
  readonly probabilities: Float32Array<ArrayBuffer>;
}

/**
 * How sure a method's figures are, by the tested donors of the rarest class of the data: from six on an
 * interval by resampling donors, from three on how many donors are right, below that no claim. Where a label
 * varies within donors six of them in all are needed, and whole donors are resampled together.
 * @param byGroup the method's donors
 */
export async function uncertaintyOf(
  answers: Answers,
  byGroup: readonly GroupMetrics[],
  data: ProbeData,
  settings: Pick<ProbeSettings, 'resamples' | 'seed'>,
  signal: AbortSignal | undefined,
): Promise<Uncertainty> {
  if (data.groups === null) return { kind: 'no-groups' };
  const { strata, rarest } = donorStrata(data, answers.cells);
  const right = donorsRight(byGroup);
  if (rarest >= FOR_BOOTSTRAP && settings.resamples > 0) {
    const unitOf = new Map(strata.flat().map((group, unit) => [group.code, unit]));
    const scores = scoresByUnit(answers, data, unitOf);
    const units = strata.map((stratum) => stratum.map((group) => unitOf.get(group.code) ?? 0));
    const { resamples, seed } = settings;
    const intervals = await donorBootstrap(scores, units, resamples, seed, signal);
    return { kind: 'bootstrap', resamples, intervals, donorsRight: right };
  }
  if (rarest >= FOR_COUNT && right !== null) return { kind: 'donors-right', donorsRight: right };
  return { kind: 'no-claim', donorsRight: right };
}

/** Tested donors as they are resampled: by class where each has one label, else all together. */
export function donorStrata(data: ProbeData, cells: Uint32Array) {
  const groups = groupsOf(data, cells);
  const varies = groups.some((group) => group.onlyClass < 0);
  const strata = varies
    ? [groups]
    : classesOf(data).map((label) => groups.filter((group) => group.onlyClass === label));
  return { varies, strata, rarest: Math.min(...strata.map((stratum) => stratum.length)) };
}

/** A donor is right where the greatest of its mean probabilities is its recorded class; null = none has one. */
function donorsRight(byGroup: readonly GroupMetrics[]): DonorsRight | null {
  const counted = byGroup.filter((group) => group.recorded >= 0);
  if (counted.length === 0) return null;
  const right = counted.filter((group) => group.predicted === group.recorded).length;
  return { right, n: counted.length, interval: binomialInterval(right, counted.length) };
}

/** Classes that any labelled cell has. */
function classesOf(data: ProbeData): readonly number[] {
  return [...new Set(data.labels)].filter((label) => label >= 0).sort((a, b) => a - b);
}

function scoresByUnit(
  { cells, labels, probabilities }: Answers,
  data: ProbeData,
  unitOf: ReadonlyMap<GroupOfCells['code'], number>,
): WeightedScores {
  const units = Int32Array.from(cells, (cell) => unitOf.get(data.groups?.codes[cell] ?? -1) ?? 0);
  return new WeightedScores(labels, probabilities, data.classes.length, units, unitOf.size);
}
