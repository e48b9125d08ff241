import { learningTensors } from '../engine/training-tensors.ts';
import { estimateTrainingBytes } from '../engine/webgpu/training/memory.ts';
import { stepsPerEpoch } from './batch-plan.ts';
import { plannedCells, type TrainingTask } from './task.ts';
import type { TrainingEstimate } from './types.ts';

/** Forwards that one training step costs, and with layers computed twice. */
const FORWARDS = { kept: 3.5, checkpointing: 4.5 } as const;

/**
 * Memory, steps and time of a run before it starts. On the device: what the planner says of the largest micro-batch;
 * here: the cells and their embeddings, a state on its way to a checkpoint, and the best weights.
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
  const held = tokensOf(sets.validation);
  // Beside the steps all cells are embedded twice, by the old model and by the new one.
  const forwards =
    forwardsOfStep(task) * (steps / perEpoch) * tokensPerEpoch +
    validations * held +
    2 * (tokensPerEpoch + held + tokensOf(sets.test));
  const longest = sets.train.reduce((most, cell) => Math.max(most, cuSeqlens[cell + 1] - cuSeqlens[cell]), 0);
  return {
    learning,
    parameters,
    deviceBytes: deviceBytes(task, longest),
    // A state is in flight as tensors and as a file at once; the package is written from float32 weights; embeddings
    // are those of the base, of the new model, and of its training cells about their means.
    hostBytes:
      tokenBytes * cuSeqlens[cuSeqlens.length - 1] +
      4 * (2 * parameters + 7 * learning) +
      4 * model.config.dModel * (2 * (cuSeqlens.length - 1) + sets.train.length),
    steps,
    cellsPerEpoch: sets.train.length,
    tokensPerEpoch,
    seconds: tokensPerSecond === null ? null : forwards / tokensPerSecond,
    notices: sets.notices,
  };
}

/** Activations as the planner places them, for a micro-batch of the longest cells. */
function deviceBytes({ config, model, weights }: TrainingTask, longest: number): number {
  const { trainable, checkpointing, dropout, batches } = config;
  const rows = Math.max(1, longest) + Object.keys(model.config.annotations).length;
  const cells = Math.min(batches.cells, Math.max(1, Math.floor(batches.tokens / rows)));
  const options = { trainable, weights, checkpointing, dropout };
  return estimateTrainingBytes(model.config, options, { cells, genesPerCell: Math.max(1, longest) });
}

/** Forward passes that a step costs: a third of it is the forward, the rest goes by the layers that are gone back through. */
function forwardsOfStep({ config, model }: TrainingTask): number {
  const { trainable, checkpointing } = config;
  const { nLayers } = model.config;
  const back =
    trainable.kind === 'heads'
      ? 0
      : trainable.kind === 'last-layers'
        ? Math.min(1, trainable.layers / nLayers)
        : 1;
  return 1 + back * ((checkpointing ? FORWARDS.checkpointing : FORWARDS.kept) - 1);
}
