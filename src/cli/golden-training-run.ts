import { createReferenceTrainer } from '../engine/reference/training/trainer.ts';
import { createWebGpuTrainer } from '../engine/webgpu/training/trainer.ts';
import { acquireGpu, type GpuContext } from '../gpu/device.ts';
import type { ModelPackage } from '../model/package.ts';
import type { GoldenCount } from './golden-adapters.ts';
import { type TrainingFixture, trainingCases } from './golden-training.ts';
import {
  compareTraining,
  type TrainingComparison,
  type TrainingVariant,
  WEIGHTS,
  type WithTrainer,
} from './golden-training-compare.ts';

/** How many of a case's errors are told. */
const REASONS = 8;

/** Every way a trainer is asked to do the same step. */
export const ALL_VARIANTS: readonly TrainingVariant[] = [
  { checkpointing: false, accumulation: 1 },
  { checkpointing: false, accumulation: 4 },
  { checkpointing: true, accumulation: 1 },
  { checkpointing: true, accumulation: 4 },
];

/** The float64 reference. */
export const withReferenceTrainer: WithTrainer = async (pkg, options, use) => {
  const trainer = await createReferenceTrainer(pkg.config, pkg.weights, annotationIds(pkg), options);
  try {
    return await use(trainer);
  } finally {
    trainer.destroy();
  }
};

/**
 * Our kernels on the adapter that `gpu` gives: one device, whose pipelines are compiled once, and after an error
 * another, so that a device lost ends one case.
 */
export function withWebGpuTrainer(gpu: GPU): WithTrainer {
  let shared: GpuContext | null = null;
  return async (pkg, options, use) => {
    shared ??= await acquireGpu(gpu);
    const context = shared;
    try {
      const ids = annotationIds(pkg);
      const trainer = await createWebGpuTrainer(context, pkg.config, pkg.weights, ids, options);
      try {
        return await use(trainer);
      } finally {
        trainer.destroy();
      }
    } catch (error) {
      shared = null;
      context.destroy();
      throw error;
    }
  };
}

function annotationIds({ config, vocabulary }: ModelPackage): readonly number[] {
  return vocabulary.annotationIds(Object.keys(config.annotations));
}

/** Prints a line for each case whose name contains `only` and each variant. */
export async function runTrainingCases(
  { root, only }: { readonly root: string; readonly only: string },
  label: string,
  variants: readonly TrainingVariant[],
  withTrainer: WithTrainer,
): Promise<GoldenCount> {
  let lines = 0;
  let wrong = 0;
  for (const { name, open } of trainingCases(root)) {
    if (!name.includes(only)) continue;
    for (const variant of variants) {
      const result = await compareTrainingCase(open, variant, withTrainer);
      lines++;
      if (result.wrong.length > 0) wrong++;
      console.log(`${name} ${label} ${lineOf(variant, result)}`);
      for (const reason of result.wrong.slice(0, REASONS)) console.error(`  ${reason}`);
      if (result.wrong.length > REASONS) console.error(`  and ${result.wrong.length - REASONS} more`);
    }
  }
  return { lines, wrong };
}

async function compareTrainingCase(
  open: () => Promise<TrainingFixture>,
  variant: TrainingVariant,
  withTrainer: WithTrainer,
): Promise<TrainingComparison> {
  try {
    return await compareTraining(await open(), variant, withTrainer);
  } catch (cause) {
    const none = Number.POSITIVE_INFINITY;
    const errors = { loss: none, norm: none, gradient: none, gradientElement: none, weight: none };
    return {
      ...errors,
      weightsBeyond: 1,
      wrong: [cause instanceof Error ? cause.message : String(cause)],
    };
  }
}

function lineOf({ checkpointing, accumulation }: TrainingVariant, result: TrainingComparison): string {
  const { loss, norm: normError, gradient, gradientElement, weight, weightsBeyond } = result;
  const short = (error: number) => error.toExponential(1);
  return [
    `checkpointing=${checkpointing ? 'on' : 'off'} accumulation=${accumulation}`,
    `loss ${short(loss)} norm ${short(normError)}`,
    `gradient ${short(gradient)} (element ${short(gradientElement)})`,
    `weights ${short(weight)} (${(100 * weightsBeyond).toFixed(2)} % beyond ${WEIGHTS.near})`,
    result.wrong.length === 0 ? 'ok' : 'FAIL',
  ].join(' ');
}
