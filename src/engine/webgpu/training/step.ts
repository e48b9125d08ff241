import type { GpuContext } from '../../../gpu/device.ts';
import { MAX_BINDING_BYTES } from '../../../gpu/device.ts';
import { checkTrainBatch } from '../../check-train-batch.ts';
import type { StepDropout } from '../../dropout.ts';
import { countLosses, type LossSums, meanLosses } from '../../loss-counts.ts';
import type { Losses, TrainBatch } from '../../trainer.ts';
import { placeInArena, planArena } from '../arena.ts';
import { groupDispatches } from '../dispatch.ts';
import type { Executor } from '../executor.ts';
import { maxRows } from '../memory.ts';
import type { Pace } from '../pace.ts';
import type { SpecialIds } from '../slice-layout.ts';
import { SubmitQueue } from '../submit-queue.ts';
import { addLosses } from './losses.ts';
import { layoutMicroBatch, rowsOfBatch } from './micro-batch.ts';
import { normInputs } from './norm.ts';
import type { Parameter } from './parameters.ts';
import { planTraining } from './plan.ts';
import type { TrainingShape } from './shape.ts';

/** What every pass of a trainer works with. */
export interface TrainerParts {
  readonly context: GpuContext;
  readonly executor: Executor;
  readonly pace: Pace;
  readonly shape: TrainingShape;
  readonly special: SpecialIds;
  readonly parameters: readonly Parameter[];
}

interface PassOptions {
  readonly gradients: boolean;
  /** Of the step; null: nothing is dropped. */
  readonly dropout: StepDropout | null;
  readonly signal: AbortSignal | undefined;
  /** What the device gave for a micro-batch, by the activation's name. */
  readonly onAnswers?: (answers: ReadonlyMap<string, ArrayBuffer>) => void;
}

/**
 * All micro-batches through the device, one behind the other: losses, and gradients added to their buffers. While one
 * runs the next is laid out and submitted.
 * @throws TokenBatchError, RangeError for a micro-batch too large for one binding, the signal's reason
 */
export async function passBatches(
  { executor, pace, shape, special, parameters }: TrainerParts,
  batches: readonly TrainBatch[],
  { gradients, dropout, signal, onAnswers }: PassOptions,
): Promise<Losses> {
  const { config, options } = shape;
  for (const batch of batches) checkSize(batch, shape, special);
  const counts = countLosses(batches, Object.keys(config.annotations));
  const sums: LossSums = { masked: 0, maskedRight: 0, annotations: {} };
  const queue = new SubmitQueue(executor, pace, signal);
  const reading: Promise<void>[] = [];
  try {
    for (const [microBatch, batch] of batches.entries()) {
      signal?.throwIfAborted();
      const laidOut = layoutMicroBatch(batch, shape, special, counts);
      if (laidOut.rows === 0) continue;
      const purpose = { gradients, ...(dropout === null ? {} : { dropout: { ...dropout, microBatch } }) };
      const plan = planTraining(shape, parameters, laidOut, purpose, pace.budget);
      const arena = planArena(plan.dispatches, plan.activations, plan.answers);
      for (const [slot, bytes] of arena.bytes) await executor.reserve(slot, bytes);
      for (const [name, values] of laidOut.inputs) await executor.write(name, values);
      if (gradients)
        for (const [name, values] of normInputs(laidOut.rows)) await executor.write(name, values);
      const placed = placeInArena(plan.dispatches, arena);
      for (const group of groupDispatches(placed, pace.budget)) await queue.submit(group);
      if (plan.answers.length === 0) continue;
      const wanted = plan.answers.map((name) => ({
        name: arena.slots.get(name) ?? name,
        bytes: plan.activations.get(name) ?? 0,
      }));
      const { parts } = await executor.fetch(wanted);
      const read = parts.then((bytes) => {
        const answers = new Map(plan.answers.map((name, i) => [name, bytes[i]]));
        addLosses(sums, shape, batch, counts, answers);
        onAnswers?.(answers);
      });
      read.catch(() => {});
      reading.push(read);
    }
    await Promise.all(reading);
  } finally {
    // After a cancel, what is on its way still ends before the next call uses the arena.
    await Promise.allSettled(reading);
  }
  signal?.throwIfAborted();
  return meanLosses(sums, counts, options.weights);
}

function checkSize(batch: TrainBatch, { config, masked }: TrainingShape, special: SpecialIds): void {
  checkTrainBatch(batch, config);
  const rows = rowsOfBatch(batch, special.annotations.length);
  if (rows > maxRows(config))
    throw new RangeError(`a micro-batch of ${rows} rows; a buffer holds ${maxRows(config)}`);
  const classes = Math.max(0, ...(masked?.chunks.map(({ start, end }) => end - start) ?? []));
  const most = Math.floor(MAX_BINDING_BYTES / 4 / Math.max(4, classes));
  if (batch.masked.length > most)
    throw new RangeError(`a micro-batch of ${batch.masked.length} hidden tokens; a buffer holds ${most}`);
}
