import type { LossWeights } from '../engine/trainer.ts';
import type { TrainableModel } from './base-model.ts';
import type { PlannedCells } from './batch-plan.ts';
import type { TrainConfig } from './config.ts';
import { FIXED_EPOCH, type MaskedModel, type Masking } from './masking.ts';
import type { DonorSets, TrainingCells, TrainingLabels } from './types.ts';

/** All that a run needs beside a trainer: the same task and seed give the same run. */
export interface TrainingTask {
  readonly config: TrainConfig;
  readonly model: TrainableModel;
  readonly weights: LossWeights;
  readonly cells: TrainingCells;
  /** Trained annotations, with codes in the classes of the model's heads. */
  readonly labels: Readonly<Record<string, TrainingLabels>>;
  readonly sets: DonorSets;
}

/** λ of each annotation and of hidden genes. An annotation of λ = 0 is none: its head would stay random. */
export function lossWeights(objective: TrainConfig['objective']): LossWeights {
  const { masked } = objective;
  if (objective.kind === 'finetune') return { masked, annotations: { [objective.annotation]: 1 } };
  const counting = Object.entries(objective.annotations).filter(([, weight]) => weight > 0);
  return { masked, annotations: Object.fromEntries(counting) };
}

export function plannedCells({ cells, model }: TrainingTask, chosen: Uint32Array): PlannedCells {
  const annotations = Object.keys(model.config.annotations).length;
  return { cells: chosen, cuSeqlens: cells.tokens.cuSeqlens, annotations };
}

/** Genes hidden in an epoch; null = in validation and test, the same each time. */
export function maskingOf({ config, weights }: TrainingTask, epoch: number | null): Masking {
  return {
    share: weights.masked > 0 ? config.masking.share : 0,
    seed: config.seed,
    epoch: epoch === null || config.masking.fixed ? FIXED_EPOCH : epoch,
  };
}

export function maskedModel({ model, weights }: TrainingTask): MaskedModel {
  const { valueInput } = model.config;
  const reads = weights.masked > 0 && valueInput === 'none';
  return { valueInput, maskId: reads ? model.vocabulary.specialId('<mask>') : 0 };
}

/** The task with micro-batches of so many tokens. Losses are means over a whole step: what is learned stays the same. */
export function withTokens(task: TrainingTask, tokens: number): TrainingTask {
  return { ...task, config: { ...task.config, batches: { ...task.config.batches, tokens } } };
}
