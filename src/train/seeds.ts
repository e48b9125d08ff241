import { GOLDEN_RATIO, murmurFinaliser } from '../engine/murmur3.ts';

/**
 * A uint32 seed from several: whatever is drawn at random in a run is drawn from the run's seed and the place of the
 * draw, so that a run that goes on after a break draws what it would have drawn.
 */
export function mixSeeds(...parts: readonly number[]): number {
  return parts.reduce((hash, part) => murmurFinaliser(hash ^ murmurFinaliser(part + GOLDEN_RATIO)), 0);
}

/** What a draw is for: two draws at one place are not the same numbers. */
export const DRAW = { mask: 1, order: 2, dropout: 3, donors: 4, weights: 5, share: 6 } as const;
