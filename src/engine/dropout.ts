import { GOLDEN_RATIO, murmurFinaliser } from './murmur3.ts';

/**
 * Dropout whose masks are functions of (seed, element): nothing is stored for the backward pass, and every engine
 * drops the same elements. The rows of a micro-batch are those of its cells in order, a cell's annotation tokens before
 * its genes; an element's index is row · (columns padded to whole fours) + column.
 */

/** Where a layer drops: the output of attention, of the activation, of the feed-forward block. */
export const DROPOUT_PLACES = ['attention', 'activation', 'feed-forward'] as const;
export type DropoutPlace = (typeof DROPOUT_PLACES)[number];

/** What the kernel `dropout` reads. */
export interface DropoutMask {
  /** u32 */
  readonly seed: number;
  /** u32: elements whose hash is below are dropped. */
  readonly threshold: number;
  /** What those kept are multiplied by: 1 / (1 − probability). */
  readonly scale: number;
}

/** What dropout is for the whole of a step. */
export interface StepDropout {
  readonly probability: number;
  /** OptimiserSettings.seed */
  readonly seed: number;
}

/** The mask of one place in one layer for all rows of the step's micro-batch number `microBatch`. */
export function dropoutMask(
  { probability, seed }: StepDropout,
  microBatch: number,
  layer: number,
  place: DropoutPlace,
): DropoutMask {
  const parts = [microBatch, layer, DROPOUT_PLACES.indexOf(place)];
  return {
    seed: parts.reduce((hash, part) => murmurFinaliser(hash ^ Math.imul(part + 1, GOLDEN_RATIO)), seed >>> 0),
    threshold: Math.min(Math.round(probability * 2 ** 32), 2 ** 32 - 1),
    scale: 1 / (1 - probability),
  };
}

/**
 * Whether element `index` is kept, as the kernel `dropout` has it. The index is mixed before and after the seed: masks
 * of neighbouring seeds are not one another's shifts.
 */
export function isKept({ seed, threshold }: DropoutMask, index: number): boolean {
  return murmurFinaliser(murmurFinaliser(index) ^ seed) >= threshold;
}
