import { describe, expect, it } from 'vitest';
import { backEndsFor } from '../../../src/probe/logistic/back-ends.ts';
import { Float64Loss } from '../../../src/probe/logistic/float64-loss.ts';
import {
  AWKWARD_SHAPES,
  lossError,
  naiveLoss,
  randomParameters,
  randomSoftmaxData,
} from '../../engine/support/softmax-data.ts';

describe('the softmax loss in float64', () => {
  it.each(AWKWARD_SHAPES)(
    'is its formula for %i cells × %i, %i outputs',
    async (cells, dimension, outputs) => {
      const data = randomSoftmaxData(cells, dimension, outputs, 31);
      const loss = new Float64Loss(data);
      for (const scale of [0, 0.3, 5, 100])
        expect(await lossError(loss, data, randomParameters(data, scale, 9))).toBeLessThanOrEqual(1e-11);
    },
  );

  it('has the gradient that its differences say', () => {
    const data = randomSoftmaxData(40, 4, 3, 32);
    const at = randomParameters(data, 0.4, 10);
    const { gradient } = naiveLoss(data, at);
    for (const [i, slope] of gradient.entries()) {
      const moved = (by: number) =>
        naiveLoss(
          data,
          at.map((p, j) => (j === i ? p + by : p)),
        ).loss;
      expect(Math.abs((moved(1e-5) - moved(-1e-5)) / 2e-5 - slope)).toBeLessThanOrEqual(1e-6);
    }
  });
});

describe('backEndsFor', () => {
  const all = { webgpu: true, wasm: true };
  const none = { webgpu: false, wasm: false };
  const large = { cells: 50_000, dimension: 512, outputs: 10 };

  it('goes by size and by what is there', () => {
    expect(backEndsFor(large, all)).toEqual(['webgpu', 'wasm', 'float64']);
    expect(backEndsFor(large, { webgpu: false, wasm: true })).toEqual(['wasm', 'float64']);
    expect(backEndsFor(large, none)).toEqual(['float64']);
    expect(backEndsFor({ cells: 20_000, dimension: 512, outputs: 1 }, all)[0]).toBe('webgpu');
    expect(backEndsFor({ cells: 19_999, dimension: 512, outputs: 10 }, all)[0]).toBe('wasm');
    expect(backEndsFor({ cells: 500, dimension: 512, outputs: 1 }, all)).toEqual(['float64']);
  });
});
