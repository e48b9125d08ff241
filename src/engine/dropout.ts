import { padTo4 } from '../gpu/buffers.ts';
import { GOLDEN_RATIO, murmurFinaliser } from './murmur3.ts';

/**
 * Dropout whose masks are functions of (seed, element): nothing is stored for the backward pass, and every engine
 * drops the same elements. An element's index is row · (columns padded to whole fours) + column, with rows counted
 * through all micro-batches of a step, so that a mask does not depend on how the cells of a step were divided.
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

/** The mask of one place in one layer for rows [*, columns] of which the first is row `firstRow` of the step. */
export function dropoutMask(
  { probability, seed }: StepDropout,
  layer: number,
  place: DropoutPlace,
  firstRow: number,
  columns: number,
): DropoutMask {
  const stream = layer * DROPOUT_PLACES.length + DROPOUT_PLACES.indexOf(place) + 1;
  const start = murmurFinaliser(murmurFinaliser(seed) ^ Math.imul(stream, GOLDEN_RATIO));
  return {
    seed: (start + Math.imul(firstRow * padTo4(columns), GOLDEN_RATIO)) >>> 0,
    threshold: Math.min(Math.round(probability * 2 ** 32), 2 ** 32 - 1),
    scale: 1 / (1 - probability),
  };
}

/** Whether element `index` = row · (columns padded to whole fours) + column of these rows is kept. */
export function isKept({ seed, threshold }: DropoutMask, index: number): boolean {
  return murmurFinaliser(seed + Math.imul(index, GOLDEN_RATIO)) >= threshold;
}
