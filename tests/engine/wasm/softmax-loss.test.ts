import { describe, expect, it } from 'vitest';
import { createWasmSoftmaxLoss } from '../../../src/engine/wasm/softmax-loss.ts';
import { AWKWARD_SHAPES, lossError, randomParameters, randomSoftmaxData } from '../support/softmax-data.ts';
import { nodeRuntime } from './node-runtime.ts';

const turn = async () => {};

describe('the softmax loss in the WebAssembly runtime', () => {
  it.each(AWKWARD_SHAPES)(
    'is its formula for %i cells × %i, %i outputs',
    async (cells, dimension, outputs) => {
      const data = randomSoftmaxData(cells, dimension, outputs, 11);
      const loss = await createWasmSoftmaxLoss(data, nodeRuntime, turn);
      for (const scale of [0, 0.3, 5])
        expect(await lossError(loss, data, randomParameters(data, scale, 5))).toBeLessThanOrEqual(2e-5);
      loss.destroy();
    },
  );

  it('adds up chunks of cells, the last one shorter', async () => {
    const data = randomSoftmaxData(101, 6, 4, 12);
    const loss = await createWasmSoftmaxLoss(data, nodeRuntime, turn, 4 * 6 * 30);
    expect(await lossError(loss, data, randomParameters(data, 0.5, 6))).toBeLessThanOrEqual(2e-6);
    loss.destroy();
  });

  it('stops between chunks', async () => {
    const data = randomSoftmaxData(101, 6, 4, 12);
    const loss = await createWasmSoftmaxLoss(data, nodeRuntime, turn, 4 * 6 * 30);
    let turns = 0;
    const stop = async () => {
      if (++turns === 3) throw new Error('stopped');
    };
    const gradient = new Float64Array(28);
    await expect(loss.evaluate(new Float64Array(28), gradient, stop)).rejects.toThrow('stopped');
    expect(turns).toBe(3);
    loss.destroy();
  });
});
