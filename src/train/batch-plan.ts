import { Random } from '../analysis/random.ts';
import { shuffle } from '../probe/deal.ts';
import type { TrainConfig } from './config.ts';
import { DRAW, mixSeeds } from './seeds.ts';
import type { BatchPlanRecord } from './types.ts';

/** What a plan is made from; rows of a cell are its tokens and those of the annotations before them. */
export interface PlannedCells {
  /** Ascending. */
  readonly cells: Uint32Array;
  readonly cuSeqlens: Uint32Array;
  /** Annotation tokens before each cell. */
  readonly annotations: number;
}

/** Cells of each micro-batch of one optimiser step. */
export type StepPlan = readonly Uint32Array[];

type Batches = TrainConfig['batches'];

/** Optimiser steps of one pass: as few as hold `cells` at most each. */
export function stepsPerEpoch({ cells }: Pick<PlannedCells, 'cells'>, batches: Batches): number {
  return Math.ceil(cells.length / batches.cells);
}

/**
 * One pass over the training cells: shuffled by (seed, epoch), cut into steps of equal size (but for one cell), each
 * step into micro-batches.
 */
export function planEpoch(planned: PlannedCells, batches: Batches, seed: number, epoch: number): StepPlan[] {
  const order = planned.cells.slice();
  shuffle(order, new Random(mixSeeds(seed, DRAW.order, epoch)));
  const steps = stepsPerEpoch(planned, batches);
  return Array.from({ length: steps }, (_, step) => {
    const from = Math.floor((step * order.length) / steps);
    const to = Math.floor(((step + 1) * order.length) / steps);
    return microBatches(order.subarray(from, to), planned, batches.tokens);
  });
}

/** Every cell once, longest first, in micro-batches: for validation and test. */
export function planInOrder(planned: PlannedCells, batches: Batches): StepPlan {
  return microBatches(planned.cells, planned, batches.tokens);
}

/**
 * Cells by length, the longest first, cut wherever the next one would pass the budget: like lengths together, because
 * blocks of attention are filled best by them. Cells of one length keep the order of their index.
 */
function microBatches(
  cells: Uint32Array,
  { cuSeqlens, annotations }: PlannedCells,
  budget: number,
): StepPlan {
  const length = (cell: number) => cuSeqlens[cell + 1] - cuSeqlens[cell] + annotations;
  const sorted = Array.from(cells).sort((a, b) => length(b) - length(a) || a - b);
  const batches: number[][] = [];
  let room = 0;
  for (const cell of sorted) {
    room -= length(cell);
    if (room < 0 || batches.length === 0) {
      batches.push([]);
      room = budget - length(cell);
    }
    batches[batches.length - 1].push(cell);
  }
  return batches.map((batch) => Uint32Array.from(batch));
}

/** What training.json keeps of a plan: with the same cells and seed, the same fingerprint is the same plan. */
export function recordPlan(planned: PlannedCells, batches: Batches, seed: number): BatchPlanRecord {
  const steps = planEpoch(planned, batches, seed, 0);
  let hash = 0x811c9dc5;
  const add = (value: number) => {
    for (let shift = 0; shift < 32; shift += 8)
      hash = Math.imul(hash ^ ((value >>> shift) & 0xff), 0x01000193);
  };
  let greatest = 0;
  for (const micro of steps.flat()) {
    add(micro.length);
    let tokens = 0;
    for (const cell of micro) {
      add(cell);
      tokens += planned.cuSeqlens[cell + 1] - planned.cuSeqlens[cell] + planned.annotations;
    }
    greatest = Math.max(greatest, tokens);
  }
  return {
    cellsPerStep: batches.cells,
    tokensPerMicroBatch: batches.tokens,
    stepsPerEpoch: steps.length,
    microBatchesPerEpoch: steps.reduce((sum, step) => sum + step.length, 0),
    greatestMicroBatch: greatest,
    fingerprint: (hash >>> 0).toString(16).padStart(8, '0'),
  };
}
