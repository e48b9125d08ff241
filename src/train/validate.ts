import type { Trainer } from '../engine/trainer.ts';
import { evaluateCells, scoreAnswers } from './evaluate-cells.ts';
import type { TrainingTask } from './task.ts';
import type { ValidationPoint } from './types.ts';

/**
 * How the weights do on the validation donors, and whether they are the best so far. With hidden tokens in the loss
 * annotations are scored on the same pass, tokens hidden: a little less than what they reach in use.
 * @param best the best before; null = there was none
 */
export async function validate(
  trainer: Trainer,
  task: TrainingTask,
  step: number,
  epoch: number,
  best: ValidationPoint | null,
  signal: AbortSignal | undefined,
): Promise<ValidationPoint> {
  const { validation } = task.sets;
  const { losses, logits } = await evaluateCells(
    trainer,
    task,
    validation,
    true,
    signal ? { signal } : {},
    'validation',
  );
  const annotations = Object.fromEntries(
    Object.entries(task.labels).map(([name, labels]) => [
      name,
      scoreAnswers(logits[name], labels, validation),
    ]),
  );
  const { objective, validation: settings } = task.config;
  const byAccuracy = settings.metric === 'balancedAccuracy' && objective.kind === 'finetune';
  const metric = byAccuracy ? annotations[objective.annotation].balancedAccuracy : losses.total;
  const point = { step, epoch, losses, annotations, metric };
  return { ...point, best: Number.isFinite(losses.total) && isBetter(point, best, byAccuracy) };
}

/** Of equal balanced accuracies the one of less loss: the metric moves in steps. */
function isBetter(
  { metric, losses }: Pick<ValidationPoint, 'metric' | 'losses'>,
  best: ValidationPoint | null,
  byAccuracy: boolean,
): boolean {
  if (best === null) return true;
  if (metric === best.metric) return losses.total < best.losses.total;
  return byAccuracy ? metric > best.metric : metric < best.metric;
}
