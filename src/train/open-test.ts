import { softmaxRows } from '../engine/predictions.ts';
import type { Trainer } from '../engine/trainer.ts';
import type { MethodResult } from '../probe/results.ts';
import { chooseThreshold } from '../probe/selection/threshold.ts';
import { type CompareJob, compare, type FrozenFeatures } from './compare.ts';
import { evaluateCells } from './evaluate-cells.ts';
import { type HiddenLosses, hiddenLosses, maskedScores } from './masked-test.ts';
import type { TrainingTask } from './task.ts';
import type { TestReport } from './types.ts';

export interface OpenedTest {
  readonly report: TestReport | null;
  /** Least probability of an answer, chosen on validation cells; null = no validation, or nothing fine-tuned. */
  readonly threshold: number | null;
  readonly notices: readonly string[];
}

/**
 * Opens the test set, once, for the weights that are kept; before it chooses the threshold on validation cells.
 * @param base losses of the base model on the test's hidden tokens; null = it predicts none
 */
export async function openTest(
  trainer: Trainer,
  base: HiddenLosses | null,
  task: TrainingTask,
  frozen: FrozenFeatures,
  job: CompareJob,
): Promise<OpenedTest> {
  const { test } = task.sets;
  const threshold = await thresholdOf(trainer, task, job);
  if (test.length === 0) return { report: null, threshold, notices: [] };
  const { logits } = await evaluateCells(trainer, task, test, false, job, 'answers to the test');
  const methods: Record<string, readonly MethodResult[]> = {};
  const notices: string[] = [];
  for (const annotation of Object.keys(task.labels)) {
    const compared = await compare(task, annotation, frozen, 'test', logits[annotation], job);
    notices.push(...compared.notices);
    if (compared.methods !== null) methods[annotation] = compared.methods;
  }
  const { codes } = task.cells.donors;
  return {
    report: {
      cells: test.length,
      donors: new Set(Array.from(test, (cell) => codes[cell])).size,
      methods,
      masked: maskedScores(
        task,
        test,
        await hiddenLosses(trainer, task, test, job, 'hidden tokens of the test'),
        base,
      ),
    },
    threshold,
    notices: [...new Set(notices)],
  };
}

async function thresholdOf(trainer: Trainer, task: TrainingTask, job: CompareJob): Promise<number | null> {
  const { objective } = task.config;
  const { validation } = task.sets;
  if (objective.kind !== 'finetune' || validation.length === 0) return null;
  const { classes, codes } = task.labels[objective.annotation];
  const { logits } = await evaluateCells(trainer, task, validation, false, job, 'choosing the threshold');
  const k = classes.length;
  const labelled = Array.from(validation.keys()).filter((i) => codes[validation[i]] >= 0);
  const probabilities = new Float32Array(labelled.length * k);
  labelled.forEach((i, r) => {
    const own = logits[objective.annotation].subarray(i * k, (i + 1) * k);
    probabilities.set(softmaxRows(own, k), r * k);
  });
  return chooseThreshold(
    labelled.map((i) => codes[validation[i]]),
    probabilities,
    k,
  );
}
