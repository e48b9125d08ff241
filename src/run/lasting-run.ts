import { EngineLostError } from '../engine/engine.ts';
import type { Trainer, TrainerOptions } from '../engine/trainer.ts';
import { recordPlan } from '../train/batch-plan.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import type { TrainingControls } from '../train/controls.ts';
import { resumeRun, TrainingRun } from '../train/run.ts';
import { plannedCells, type TrainingTask, withTokens } from '../train/task.ts';
import type { BatchPlanRecord } from '../train/types.ts';
import type { TrainingWork } from './training-work.ts';

/** Devices lost one after the other without a step between before a run is given up. */
const MOST_LOSSES = 2;

/** A run at its end, with the trainer that holds its weights. */
export interface EndedRun {
  readonly run: TrainingRun;
  readonly trainer: Trainer;
}

/**
 * A run to its end, with a checkpoint now and then; where the device is lost on a new one, from the last checkpoint;
 * where memory ends with micro-batches of half the size.
 * @param from the checkpoint to go on from; null = from the start
 * @throws EngineLostError, the signal's reason
 */
export async function lastingRun(
  work: TrainingWork,
  controls: TrainingControls,
  from: Checkpoint | null,
): Promise<EndedRun> {
  const { environment, options } = work;
  const { signal, onEvent } = options;
  let { task } = work;
  let checkpoint = from;
  let losses = 0;
  for (;;) {
    const trainer = await environment.createTrainer(task.model, trainerOptions(task));
    const tell = onEvent ?? (() => undefined);
    const begun = checkpoint?.progress.step ?? 0;
    let step = begun;
    try {
      const run = checkpoint
        ? await resumeRun(task, trainer, tell, checkpoint)
        : new TrainingRun(task, trainer, tell);
      tell({
        kind: 'started',
        engine: trainer.description,
        steps: run.steps,
        plan: planOf(task),
        resumedAt: begun,
        deviceBytes: trainer.deviceBytes,
        learning: trainer.learning.length,
      });
      let kept = performance.now();
      const between = async () => {
        step = run.step;
        const due = performance.now() - kept > 1000 * environment.checkpointSeconds;
        if (!due && !controls.paused) return;
        checkpoint = await run.snapshot();
        await work.keep(checkpoint);
        kept = performance.now();
      };
      await run.run(controls, signal, between);
      return { run, trainer };
    } catch (error) {
      trainer.destroy();
      losses = step === begun ? losses + 1 : 0;
      if (!(error instanceof EngineLostError) || signal?.aborted || losses > MOST_LOSSES) throw error;
      const memory = error.reason === 'out-of-memory';
      // Losses are divided by the counts of a whole step: how it is cut up is no matter of what is learned.
      if (memory) task = withTokens(task, Math.ceil(task.config.batches.tokens / 2));
      const at = checkpoint?.progress.step ?? 0;
      const smaller = memory ? ' with micro-batches of half the size' : '';
      work.say(
        `The device was lost in step ${step + 1} (${error.message}); the run goes on from step ${at}${smaller}.`,
      );
    }
  }
}

/** The plan of a task's first epoch, for the record. */
export function planOf(task: TrainingTask): BatchPlanRecord {
  return recordPlan(plannedCells(task, task.sets.train), task.config.batches, task.config.seed);
}

function trainerOptions({ config, weights }: TrainingTask): TrainerOptions {
  const { trainable, checkpointing, dropout } = config;
  return { trainable, weights, checkpointing, dropout };
}
