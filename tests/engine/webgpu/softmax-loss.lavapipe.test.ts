import { describe, expect, it } from 'vitest';
import { createGpuSoftmaxLoss, softmaxLossOn } from '../../../src/engine/webgpu/softmax-loss.ts';
import { GpuUnavailableError } from '../../../src/gpu/errors.ts';
import { AWKWARD_SHAPES, lossError, randomParameters, randomSoftmaxData } from '../support/softmax-data.ts';
import { deviceOn, gpuOn } from './support/adapter.ts';

const context = await deviceOn('lavapipe');
const turn = async () => {};

describe('the softmax loss on a GPU', () => {
  it.each(AWKWARD_SHAPES)(
    'is its formula for %i cells × %i, %i outputs',
    async (cells, dimension, outputs) => {
      const data = randomSoftmaxData(cells, dimension, outputs, 21);
      const loss = await softmaxLossOn(context, data, turn);
      for (const scale of [0, 0.3, 5])
        expect(await lossError(loss, data, randomParameters(data, scale, 7))).toBeLessThanOrEqual(2e-5);
      loss.destroy();
    },
  );

  it('adds up chunks of cells, the last one shorter', async () => {
    const data = randomSoftmaxData(1301, 6, 4, 22);
    const loss = await softmaxLossOn(context, data, turn, 4 * 8 * 600);
    expect(await lossError(loss, data, randomParameters(data, 0.5, 8))).toBeLessThanOrEqual(2e-6);
    loss.destroy();
  });

  it('leaves a CPU in disguise to WebAssembly', async () => {
    const data = randomSoftmaxData(3, 2, 1, 23);
    await expect(createGpuSoftmaxLoss(await gpuOn('lavapipe'), data, turn)).rejects.toThrow(
      GpuUnavailableError,
    );
  });
});
