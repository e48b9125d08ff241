import type { SoftmaxData, SoftmaxLoss } from '../softmax-loss.ts';

export async function createGpuSoftmaxLoss(
  _gpu: GPU | undefined,
  _data: SoftmaxData,
  _pause: () => Promise<void>,
): Promise<SoftmaxLoss> {
  throw new Error('not yet');
}
