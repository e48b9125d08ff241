import { Random } from '../../analysis/random.ts';
import { shuffle } from '../deal.ts';
import type { PermutationNull } from '../results.ts';
import type { ProbeData } from '../types.ts';
import type { GroupOfCells } from '../usable.ts';

/** Ways of labelling the cells anew that are as likely as the recorded one where labels say nothing. */
export interface Relabellings {
  readonly unit: PermutationNull['unit'];
  /** True = each distinct one once, the recorded one among them. */
  readonly exhaustive: boolean;
  readonly count: number;
  /** [n] labels of each, and whether it is the recorded one. */
  readonly each: () => Iterable<{ readonly labels: Int32Array; readonly recorded: boolean }>;
}

/**
 * Labels permuted over whole donors where each has one, within each study where the data are of several: all distinct
 * ways where they are `most` at most, else `most` random ones. Where a label varies within any donor, the labels of
 * each donor's cells are shuffled.
 * @param groups those whose labels change: never one the encoder has seen, whose features follow its label
 * @returns null where there is only one way: all donors (of a study) are of one class
 */
export function relabellings(
  data: ProbeData,
  groups: readonly GroupOfCells[],
  most: number,
  seed: number,
): Relabellings | null {
  if (groups.some((group) => group.onlyClass < 0)) {
    const each = () => sampled(data, most, seed, (labels, random) => shuffleWithin(labels, groups, random));
    return { unit: 'cells-within-donors', exhaustive: false, count: most, each };
  }
  const strata = strataOf(data, groups);
  const unit = data.exchangeableWithin ? 'donors-within-studies' : 'donors';
  const recorded = strata.map((members) => members.map(({ onlyClass }) => onlyClass));
  const distinct = recorded.reduce((ways, classes) => ways * distinctOrders(classes), 1);
  if (distinct < 2) return null;
  const assign = (labels: Int32Array, orderOf: readonly (readonly number[])[]) => {
    strata.forEach((members, s) => {
      members.forEach(({ cells }, g) => {
        for (const cell of cells) labels[cell] = orderOf[s][g];
      });
    });
  };
  if (distinct <= most) {
    const each = function* () {
      for (const orderOf of everyOrder(recorded)) {
        const labels = data.labels.slice();
        assign(labels, orderOf);
        yield { labels, recorded: labels.every((label, cell) => label === data.labels[cell]) };
      }
    };
    return { unit, exhaustive: true, count: distinct, each };
  }
  const each = () =>
    sampled(data, most, seed, (labels, random) => {
      const orderOf = recorded.map((classes) => [...classes]);
      for (const order of orderOf) shuffle(order, random);
      assign(labels, orderOf);
    });
  return { unit, exhaustive: false, count: most, each };
}

/** The groups by study: those whose labels may change places. */
function strataOf(
  { exchangeableWithin }: ProbeData,
  groups: readonly GroupOfCells[],
): readonly (readonly GroupOfCells[])[] {
  if (!exchangeableWithin) return [groups];
  const strata = new Map<number, GroupOfCells[]>();
  for (const group of groups) {
    const study = exchangeableWithin.codes[group.cells[0]];
    strata.set(study, [...(strata.get(study) ?? []), group]);
  }
  return [...strata.values()];
}

/** Every combination of distinct orders, one of each list. */
function* everyOrder(lists: readonly (readonly number[])[]): Iterable<readonly (readonly number[])[]> {
  const [first, ...rest] = lists;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const order of orders(first)) for (const others of everyOrder(rest)) yield [order, ...others];
}

function* sampled(
  data: ProbeData,
  count: number,
  seed: number,
  change: (labels: Int32Array, random: Random) => void,
): Iterable<{ readonly labels: Int32Array; readonly recorded: boolean }> {
  const random = new Random(seed);
  for (let r = 0; r < count; r++) {
    const labels = data.labels.slice();
    change(labels, random);
    yield { labels, recorded: false };
  }
}

function shuffleWithin(labels: Int32Array, groups: readonly GroupOfCells[], random: Random): void {
  for (const { cells } of groups) {
    const own = cells.map((cell) => labels[cell]);
    shuffle(own, random);
    cells.forEach((cell, i) => {
      labels[cell] = own[i];
    });
  }
}

/** n! / Π nₖ!, as a product of binomials. */
export function distinctOrders(values: readonly number[]): number {
  const counts = new Map<number, number>();
  let ways = 1;
  values.forEach((value, i) => {
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    ways = (ways * (i + 1)) / count;
  });
  return Math.round(ways);
}

/** Every distinct order of the values, once, in lexicographic order (Knuth 7.2.1.2, algorithm L). */
export function* orders(values: readonly number[]): Iterable<readonly number[]> {
  const a = [...values].sort((x, y) => x - y);
  for (;;) {
    yield [...a];
    let i = a.length - 2;
    while (i >= 0 && a[i] >= a[i + 1]) i--;
    if (i < 0) return;
    let j = a.length - 1;
    while (a[j] <= a[i]) j--;
    [a[i], a[j]] = [a[j], a[i]];
    a.splice(i + 1, a.length, ...a.slice(i + 1).reverse());
  }
}
