import type { GpuContext } from '../../../gpu/device.ts';
import type { ModelConfig } from '../../../model/config.ts';
import type { WeightSource } from '../../../model/weights.ts';
import type { Trainer, TrainerOptions } from '../../trainer.ts';

/** A trainer on our kernels. @throws Error: there is none yet */
export async function createWebGpuTrainer(
  { name }: GpuContext,
  { modelType }: ModelConfig,
  { tensors }: WeightSource,
  annotationIds: readonly number[],
  { trainable }: TrainerOptions,
): Promise<Trainer> {
  throw new Error(
    `no trainer on WebGPU yet (${name}, ${modelType}, ${tensors.size} tensors, ${annotationIds.length} annotations, ${trainable.kind})`,
  );
}
