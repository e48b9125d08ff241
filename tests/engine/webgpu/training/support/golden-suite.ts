import { describe, expect, it } from 'vitest';
import { trainingCases } from '../../../../../src/cli/golden-training.ts';
import { compareTraining } from '../../../../../src/cli/golden-training-compare.ts';
import { ALL_VARIANTS, withWebGpuTrainer } from '../../../../../src/cli/golden-training-run.ts';
import type { SoftwareAdapter } from '../../../../../src/cli/vulkan-drivers.ts';
import { describeShared, hasShared, sharedPath } from '../../../../support/shared.ts';
import { gpuOn } from '../../support/adapter.ts';
import { hasTimeFor, whole } from '../../support/short-form.ts';

/**
 * The seven golden training cases on one adapter: losses, gradients, weights after three steps. SwiftShader takes
 * them all in every variant with TEDDY_VERIFY=1, else three in the hardest one.
 */
export async function describeTrainingGolden(adapter: SoftwareAdapter): Promise<void> {
  const gpu = await gpuOn(adapter);
  const cases = hasShared ? trainingCases(sharedPath('fixtures')) : [];
  // One device for all cases: pipelines, which take the most of the time, are compiled once.
  const withTrainer = withWebGpuTrainer(gpu);
  describe(adapter, { timeout: 600_000 }, () => {
    describeShared('training gives the golden numbers', () => {
      it('finds all seven cases', () => expect(cases).toHaveLength(7));
      const short = adapter === 'swiftshader' && !whole;
      const variants = short
        ? ALL_VARIANTS.filter(({ checkpointing, accumulation }) => checkpointing && accumulation > 1)
        : ALL_VARIANTS;
      for (const { name, open } of cases.filter((one) => hasTimeFor(adapter, one.name)))
        it.each(variants)(
          `${name}, checkpointing $checkpointing, accumulation $accumulation`,
          async (variant) => {
            const { wrong } = await compareTraining(await open(), variant, withTrainer);
            expect(wrong).toEqual([]);
          },
        );
    });
  });
}
