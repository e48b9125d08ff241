import type { Random } from '../analysis/random.ts';

/** Fisher–Yates, in place. */
export function shuffle(values: { [index: number]: number; readonly length: number }, random: Random): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = values[i];
    values[i] = values[j];
    values[j] = kept;
  }
}

/**
 * Deals `members` onto `hands` as cards: stratum by stratum, each shuffled, going on where the last one
 * ended, so that hands differ by one card at most and every stratum of two or more lies in two hands.
 */
export function dealByStratum(
  members: ArrayLike<number>,
  stratumOf: (member: number) => number,
  hands: number,
  random: Random,
): readonly number[][] {
  const strata = new Map<number, number[]>();
  for (let p = 0; p < members.length; p++) {
    const stratum = stratumOf(members[p]);
    const list = strata.get(stratum);
    if (list === undefined) strata.set(stratum, [members[p]]);
    else list.push(members[p]);
  }
  const dealt: number[][] = Array.from({ length: hands }, () => []);
  let next = 0;
  for (const [, list] of [...strata].sort(([a], [b]) => a - b)) {
    shuffle(list, random);
    for (const member of list) dealt[next++ % hands].push(member);
  }
  return dealt;
}

export function ascending(cells: readonly number[]): Uint32Array<ArrayBuffer> {
  return Uint32Array.from(cells).sort();
}
