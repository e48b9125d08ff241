import { EngineLostError } from '../engine/engine.ts';
import type { Trainer } from '../engine/trainer.ts';
import { maskedHeadTensors } from '../engine/training-tensors.ts';
import type { ModelPackage } from '../model/package.ts';
import type { WeightSource } from '../model/weights.ts';
import type { CompareJob, FrozenFeatures } from '../train/compare.ts';
import { hiddenLosses } from '../train/masked-test.ts';
import { type OpenedTest, openTest } from '../train/open-test.ts';
import { type TrainingTask, withTokens } from '../train/task.ts';
import type { TrainerFactory } from './trainer-factory.ts';

/** What a test is made of. */
interface TestedPackage {
  readonly base: Pick<ModelPackage, 'config' | 'weights'>;
  /** The new weights as the package stores them. */
  readonly stored: WeightSource;
  /** Embeddings that the linear probe learns from. */
  readonly frozen: FrozenFeatures;
}

/** Devices lost one after the other before the test is given up; the run's checkpoint stays. */
const MOST_LOSSES = 2;

/**
 * Opens the test for the weights as the package stores them, rounded and merged, beside the base model's loss where
 * that predicts hidden tokens. One trainer at a time is there; one that is lost is made again, with smaller
 * micro-batches where memory ended.
 * @throws EngineLostError, the signal's reason
 */
export async function testPackage(
  createTrainer: TrainerFactory,
  task: TrainingTask,
  { base, stored, frozen }: TestedPackage,
  job: CompareJob,
): Promise<OpenedTest> {
  const { config, model, weights, sets } = task;
  const predicts =
    config.base.kind === 'package' &&
    weights.masked > 0 &&
    sets.test.length > 0 &&
    // It has no answer for ranks that it does not read.
    base.config.maxPositionEmbeddings === model.config.maxPositionEmbeddings &&
    [...maskedHeadTensors(model.config).keys()].every((name) => base.weights.tensors.has(name));
  const before = predicts
    ? await measured(createTrainer, task, model.weights, job, (trainer, sized) =>
        hiddenLosses(trainer, sized, sets.test, job, 'hidden tokens by the base model'),
      )
    : null;
  return measured(createTrainer, task, stored, job, (trainer, sized) =>
    openTest(trainer, before, sized, frozen, job),
  );
}

async function measured<T>(
  createTrainer: TrainerFactory,
  task: TrainingTask,
  source: WeightSource,
  { signal }: CompareJob,
  work: (trainer: Trainer, task: TrainingTask) => Promise<T>,
): Promise<T> {
  const { model, weights } = task;
  const settings = { trainable: { kind: 'heads' }, weights, checkpointing: false, dropout: 0 } as const;
  let sized = task;
  for (let losses = 0; ; losses++) {
    let trainer: Trainer | null = null;
    try {
      trainer = await createTrainer({ ...model, weights: source }, settings);
      return await work(trainer, sized);
    } catch (error) {
      if (!(error instanceof EngineLostError) || signal?.aborted || losses === MOST_LOSSES) throw error;
      if (error.reason === 'out-of-memory')
        sized = withTokens(sized, Math.ceil(sized.config.batches.tokens / 2));
    } finally {
      trainer?.destroy();
    }
  }
}
