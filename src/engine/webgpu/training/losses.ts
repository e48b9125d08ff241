import { padTo4 } from '../../../gpu/buffers.ts';
import type { LossCounts, LossSums } from '../../loss-counts.ts';
import type { TrainBatch } from '../../trainer.ts';
import { logitsOf, squaresOf, stateOf } from './classifier.ts';
import type { HeadGroup, TrainingShape } from './shape.ts';

/** Adds, in float64, the losses of a micro-batch to `sums`. @param answers what the device gave, by name */
export function addLosses(
  sums: LossSums,
  { masked, heads, options }: TrainingShape,
  batch: TrainBatch,
  counts: LossCounts,
  answers: ReadonlyMap<string, ArrayBuffer>,
): void {
  const squares = answers.get(squaresOf('masked'));
  if (squares !== undefined) {
    // Each square came with its weight in the step's loss.
    const weight = options.weights.masked / counts.maskedTokens;
    sums.masked += new Float32Array(squares).reduce((sum, square) => sum + square, 0) / weight;
  }
  const state = answers.get(stateOf('masked'));
  if (masked !== null && state !== undefined) {
    for (let i = 0; i < batch.masked.length; i++) {
      sums.masked += crossEntropy(state, i);
      if (greatestClass(state, i) === batch.targets[i]) sums.maskedRight++;
    }
  }
  for (const group of heads) {
    const states = answers.get(stateOf(group.buffer));
    if (states !== undefined) addHeadLosses(sums, group, batch, states);
  }
}

function addHeadLosses(
  sums: LossSums,
  { annotations }: HeadGroup,
  batch: TrainBatch,
  states: ArrayBuffer,
): void {
  for (const [k, { name }] of annotations.entries()) {
    const labels = batch.labels[name] ?? new Int32Array(0);
    let sum = sums.annotations[name] ?? 0;
    for (const [cell, label] of labels.entries())
      if (label >= 0) sum += crossEntropy(states, cell * annotations.length + k);
    sums.annotations[name] = sum;
  }
}

/** −log softmax of the target, from a row's state: greatest logit, Σ exp(l − greatest), target's logit, argmax. */
function crossEntropy(states: ArrayBuffer, row: number): number {
  const [greatest, sum, target] = new Float32Array(states, 16 * row, 3);
  return Math.log(sum) + (greatest - target);
}

function greatestClass(states: ArrayBuffer, row: number): number {
  return new Uint32Array(states, 16 * row + 12, 1)[0];
}

/** The logits of each annotation out of those of its group. */
export function takeLogits(
  { heads }: TrainingShape,
  answers: ReadonlyMap<string, ArrayBuffer>,
  logits: Readonly<Record<string, Float32Array>>,
): void {
  for (const { buffer, annotations, classes } of heads) {
    const bytes = answers.get(logitsOf(buffer, 0));
    if (bytes === undefined) continue;
    const all = new Float32Array(bytes);
    const stride = padTo4(classes);
    for (const [k, { name, first, end }] of annotations.entries())
      for (let cell = 0; cell * (end - first) < logits[name].length; cell++) {
        const row = (cell * annotations.length + k) * stride;
        logits[name].set(all.subarray(row + first, row + end), cell * (end - first));
      }
  }
}
