import type { Trainer, TrainerOptions } from '../engine/trainer.ts';
import { acquireGpu } from '../gpu/device.ts';
import type { TrainableModel } from '../train/base-model.ts';

/** Makes trainers; a new one after the device was lost. @throws EngineLostError, GpuUnavailableError */
export type TrainerFactory = (model: TrainableModel, options: TrainerOptions) => Promise<Trainer>;

function annotationIds({ vocabulary, config }: TrainableModel): readonly number[] {
  return vocabulary.annotationIds(Object.keys(config.annotations));
}

/** Trainers on our own kernels, each on a device of its own, which goes with it. */
export function webGpuTrainers(gpu: () => Promise<GPU | undefined>): TrainerFactory {
  return async (model, options) => {
    const { createWebGpuTrainer } = await import('../engine/webgpu/training/trainer.ts');
    const context = await acquireGpu(await gpu());
    try {
      const { config, weights } = model;
      const trainer = await createWebGpuTrainer(context, config, weights, annotationIds(model), options);
      const destroy = trainer.destroy.bind(trainer);
      trainer.destroy = () => {
        destroy();
        context.destroy();
      };
      return trainer;
    } catch (error) {
      context.destroy();
      throw error;
    }
  };
}

/** Whether the adapter is software on the processor, which takes its memory from the machine's. @throws GpuUnavailableError */
export async function isSoftwareGpu(gpu: () => Promise<GPU | undefined>): Promise<boolean> {
  const context = await acquireGpu(await gpu());
  context.destroy();
  return context.software;
}

/** The float64 trainer: for tests, and for models too small to need a GPU. */
export const referenceTrainers: TrainerFactory = async (model, options) => {
  const { createReferenceTrainer } = await import('../engine/reference/training/trainer.ts');
  return createReferenceTrainer(model.config, model.weights, annotationIds(model), options);
};
