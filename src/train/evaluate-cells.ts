import { type LossSums, meanLosses } from '../engine/loss-counts.ts';
import { argmaxRows } from '../engine/predictions.ts';
import type { Losses, Trainer } from '../engine/trainer.ts';
import type { ProbeJobOptions } from '../probe/types.ts';
import { planInOrder } from './batch-plan.ts';
import { maskedBatch } from './masking.ts';
import { maskedModel, maskingOf, plannedCells, type TrainingTask } from './task.ts';
import type { AnnotationScore, TrainingLabels } from './types.ts';

export interface EvaluatedCells {
  /** Means over all of the cells. */
  readonly losses: Losses;
  /** Annotation → [cells, classes] logits in the order of the cells given. */
  readonly logits: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
}

/**
 * Losses and answers of cells as the model is now, without dropout.
 * @param hide whether tokens are hidden, the same each time; what is asked for annotations in use sees them all
 * @param stage what the progress calls it
 */
export async function evaluateCells(
  trainer: Trainer,
  task: TrainingTask,
  chosen: Uint32Array,
  hide: boolean,
  { signal, onProgress }: ProbeJobOptions,
  stage: string,
): Promise<EvaluatedCells> {
  const masking = hide ? maskingOf(task, null) : { ...maskingOf(task, null), share: 0 };
  const place = new Map(Array.from(chosen, (cell, i) => [cell, i]));
  const { annotations } = trainer.config;
  const logits = Object.fromEntries(
    Object.entries(annotations).map(([name, { length }]) => [name, new Float32Array(chosen.length * length)]),
  );
  const labelled: Record<string, number> = {};
  const sums: LossSums = { masked: 0, maskedRight: 0, annotations: {} };
  let maskedTokens = 0;
  let done = 0;
  for (const cells of planInOrder(plannedCells(task, chosen), task.config.batches)) {
    signal?.throwIfAborted();
    const batch = maskedBatch(task.cells.tokens, cells, task.labels, masking, maskedModel(task));
    const { losses, logits: answers } = await trainer.evaluate(batch, signal);
    done += cells.length;
    onProgress?.({ stage, done, total: chosen.length, unit: 'cells' });
    sums.masked += (losses.masked ?? 0) * losses.maskedTokens;
    sums.maskedRight += losses.maskedRight;
    maskedTokens += losses.maskedTokens;
    for (const [name, count] of Object.entries(losses.labelled)) {
      labelled[name] = (labelled[name] ?? 0) + count;
      sums.annotations[name] = (sums.annotations[name] ?? 0) + (losses.annotations[name] ?? 0) * count;
    }
    for (const [name, values] of Object.entries(answers)) {
      const classes = annotations[name].length;
      cells.forEach((cell, c) => {
        logits[name].set(values.subarray(c * classes, (c + 1) * classes), (place.get(cell) ?? 0) * classes);
      });
    }
  }
  return { losses: meanLosses(sums, { maskedTokens, labelled }, task.weights), logits };
}

/** Accuracy and balanced accuracy of logits on the labelled of the cells; NaN where none is. */
export function scoreAnswers(
  logits: Float32Array,
  { classes, codes }: TrainingLabels,
  chosen: Uint32Array,
): AnnotationScore {
  const answers = argmaxRows(logits, classes.length);
  const counts = new Float64Array(classes.length);
  const right = new Float64Array(classes.length);
  chosen.forEach((cell, i) => {
    if (codes[cell] < 0) return;
    counts[codes[cell]]++;
    if (answers[i] === codes[cell]) right[codes[cell]]++;
  });
  const cells = counts.reduce((sum, count) => sum + count, 0);
  const recalls = Array.from(counts, (count, c) => right[c] / count).filter((_, c) => counts[c] > 0);
  return {
    cells,
    accuracy: right.reduce((sum, count) => sum + count, 0) / cells,
    balancedAccuracy: recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length,
  };
}
