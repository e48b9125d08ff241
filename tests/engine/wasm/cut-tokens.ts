import { packTokens } from '../../../src/cli/golden-cases.ts';

/** The first `positions` tokens of each cell, packed. */
export function cutTokens(ids: ArrayLike<number>, lengths: ArrayLike<number>, positions: number) {
  const kept: number[] = [];
  let start = 0;
  for (const length of Array.from(lengths)) {
    for (let i = 0; i < Math.min(length, positions); i++) kept.push(ids[start + i]);
    start += length;
  }
  return packTokens(
    kept,
    Array.from(lengths, (length) => Math.min(length, positions)),
  );
}
