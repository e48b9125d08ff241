import type { Trainer } from '../engine/trainer.ts';
import { maskedHeadTensors } from '../engine/training-tensors.ts';
import type { ModelPackage } from '../model/package.ts';
import type { WeightSource } from '../model/weights.ts';
import type { CompareJob, FrozenFeatures } from '../train/compare.ts';
import { type OpenedTest, openTest } from '../train/open-test.ts';
import type { TrainingTask } from '../train/task.ts';
import type { TrainerFactory } from './trainer-factory.ts';

/** What a test is made of. */
interface TestedPackage {
  readonly base: Pick<ModelPackage, 'weights'>;
  /** The new weights as the package stores them. */
  readonly stored: WeightSource;
  /** Embeddings that the linear probe learns from. */
  readonly frozen: FrozenFeatures;
}

/**
 * Opens the test for the weights as the package stores them, rounded and merged, beside the base model's loss where
 * that predicts hidden tokens.
 * @throws EngineLostError, the signal's reason
 */
export async function testPackage(
  createTrainer: TrainerFactory,
  task: TrainingTask,
  { base, stored, frozen }: TestedPackage,
  job: CompareJob,
): Promise<OpenedTest> {
  const { config, model, weights, sets } = task;
  const settings = { trainable: { kind: 'heads' }, weights, checkpointing: false, dropout: 0 } as const;
  const predicts =
    config.base.kind === 'package' &&
    weights.masked > 0 &&
    [...maskedHeadTensors(model.config).keys()].every((name) => base.weights.tensors.has(name));
  const trainers: Trainer[] = [];
  const measuring = async (source: WeightSource) => {
    const trainer = await createTrainer({ ...model, weights: source }, settings);
    trainers.push(trainer);
    return trainer;
  };
  try {
    const after = await measuring(stored);
    const before = predicts && sets.test.length > 0 ? await measuring(model.weights) : null;
    return await openTest(after, before, task, frozen, job);
  } finally {
    for (const trainer of trainers) trainer.destroy();
  }
}
