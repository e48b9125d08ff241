import { learningTensors } from '../engine/training-tensors.ts';
import { stepsPerEpoch } from './batch-plan.ts';
import { plannedCells, type TrainingTask } from './task.ts';
import type { TrainingEstimate } from './types.ts';

/** Forwards that one training step costs, and with layers computed twice. */
const FORWARDS = { kept: 3.5, checkpointing: 4.5 } as const;

/**
 * Memory, steps and time of a run before it starts. On the device: float32 weights, gradients and moments, and the
 * activations of one micro-batch; here: the cells, a state on its way to a checkpoint, and the best weights.
 * @param tokensPerSecond of a forward pass, measured; null = not known
 */
export function estimateTraining(task: TrainingTask, tokensPerSecond: number | null): TrainingEstimate {
  const { config, model, weights, cells, sets } = task;
  const count = (shapes: Iterable<readonly number[]>) => {
    let sum = 0;
    for (const shape of shapes) sum += shape.reduce((product, n) => product * n, 1);
    return sum;
  };
  const learning = count(learningTensors(model.config, { trainable: config.trainable, weights }).values());
  const parameters = count([...model.weights.tensors.values()].map(({ shape }) => shape));
  const { cuSeqlens } = cells.tokens;
  // From the lengths alone: an estimate may be asked for before cells are tokenized.
  const tokenBytes = model.config.valueInput === 'none' ? 4 : 8;
  const planned = plannedCells(task, sets.train);
  const tokensOf = (chosen: Uint32Array) =>
    chosen.reduce((sum, cell) => sum + cuSeqlens[cell + 1] - cuSeqlens[cell] + planned.annotations, 0);
  const perEpoch = stepsPerEpoch(planned, config.batches);
  const steps = Math.min(config.epochs * perEpoch, config.maxSteps ?? Number.POSITIVE_INFINITY);
  const tokensPerEpoch = tokensOf(sets.train);
  const every = config.validation.everySteps ?? perEpoch;
  const validations = sets.validation.length === 0 ? 0 : 1 + Math.floor(steps / every);
  const forwards =
    (config.checkpointing ? FORWARDS.checkpointing : FORWARDS.kept) * (steps / perEpoch) * tokensPerEpoch +
    validations * tokensOf(sets.validation);
  return {
    learning,
    parameters,
    deviceBytes: 4 * (parameters + 3 * learning) + activationBytes(task),
    // A state is in flight as tensors and as a file at once; the package is written from float32 weights.
    hostBytes: tokenBytes * cuSeqlens[cuSeqlens.length - 1] + 4 * (2 * parameters + 7 * learning),
    steps,
    cellsPerEpoch: sets.train.length,
    tokensPerEpoch,
    seconds: tokensPerSecond === null ? null : forwards / tokensPerSecond,
    notices: sets.notices,
  };
}

/** What a micro-batch keeps for its backward pass, roughly: some 16 widths a layer and token, or one. */
function activationBytes({ config, model }: TrainingTask): number {
  const { dModel: d, dHid, nLayers } = model.config;
  const layer = 8 * d + 2 * dHid;
  const kept = config.checkpointing ? nLayers * d + layer : nLayers * layer;
  return 4 * config.batches.tokens * (kept + 6 * d + 2 * dHid);
}
