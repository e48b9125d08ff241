import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Clock, Rates } from '../../bench/clock.ts';
import { deepMix } from '../../bench/lengths.ts';
import {
  batches,
  type Cost,
  chooseScale,
  flopsAt,
  paddedToLongest,
  scaledLengths,
  scaleWords,
} from '../../bench/scale.ts';
import { MODEL_SHAPES } from '../../src/speed/model-shapes.ts';

const [small, middle] = MODEL_SHAPES;
const lengths = deepMix(64);

function costs(shape: typeof small, rate: number): Cost[] {
  return [{ runs: 2, rate, flops: (scale) => flopsAt(shape, scale.layers, scaledLengths(lengths, scale)) }];
}

describe('the scale of a contest', () => {
  it('fits the time, and is the whole where there is time for it', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e8, max: 1e14, noNaN: true }),
        fc.double({ min: 0.1, max: 1e3, noNaN: true }),
        (rate, seconds) => {
          const [cost] = costs(middle, rate);
          const scale = chooseScale(middle, lengths.length, [cost], seconds);
          if (scale === null) return;
          expect((cost.runs * cost.flops(scale)) / rate).toBeLessThanOrEqual(seconds);
        },
      ),
      { seed: 5 },
    );
    expect(chooseScale(middle, 64, costs(middle, 1e14), 60)).toEqual({ layers: 12, cells: 64, shorter: 1 });
    expect(chooseScale(small, 10, costs(small, 1e14), 60)).toEqual({ layers: 3, cells: 8, shorter: 1 });
    expect(chooseScale(middle, 64, costs(middle, 1e3), 1)).toBeNull();
  });

  it('gives up layers and cells before it shortens cells, and says so', () => {
    const scale = chooseScale(middle, 64, costs(middle, 2e9), 100);
    expect(scale).toMatchObject({ layers: 1, shorter: 1 });
    expect(scaleWords(middle, { layers: 1, cells: 4, shorter: 2 })).toBe(
      '4 cells, 1 of 12 layers, lengths and positions ÷ 2',
    );
    expect(scaleWords(middle, { layers: 12, cells: 64, shorter: 1 })).toBe('64 cells');
  });
});

describe('lengths', () => {
  it('of the deep mix are as in the data: mean 1,950, 46 % at the cap', () => {
    for (const cells of [64, 256]) {
      const mix = deepMix(cells);
      expect(mix).toHaveLength(cells);
      expect(mix.reduce((sum, length) => sum + length, 0) / cells).toBeGreaterThan(1940);
      expect(mix.reduce((sum, length) => sum + length, 0) / cells).toBeLessThan(1960);
      expect(mix.filter((length) => length === 2048).length / cells).toBeCloseTo(0.46, 1);
      expect(mix).toEqual(deepMix(cells));
    }
  });

  it('are padded to the longest of their batch', () => {
    expect(paddedToLongest([3, 1, 2, 5, 4], 3)).toEqual([3, 3, 3, 5, 5]);
    expect(batches([1, 2, 3], 2)).toEqual([[1, 2], [3]]);
    expect(scaledLengths([2048, 3, 1, 9], { cells: 3, layers: 1, shorter: 8 })).toEqual([256, 1, 1]);
  });
});

describe('time and rates', () => {
  it('shares out what is left', () => {
    let now = 5000;
    const clock = new Clock(10, 4, () => now);
    expect(clock.take(1)).toBe(2.5);
    now += 1000;
    // A second and a half that the first did not use are shared by the three to come.
    expect(clock.take(1)).toBe(3);
    now += 5000;
    expect(clock.take(1)).toBe(2);
    now += 9000;
    expect(clock.take(1)).toBe(0);
    expect(clock.spent).toBe(15);
  });

  it('are of the model, else of the runtime however it pads, else a guess', () => {
    const rates = new Rates(7);
    expect(rates.of('wasm', '10M')).toBe(7);
    rates.learn('ort-webgpu padded to cap', '10M', 30, 3);
    rates.learn('ort-webgpu fused', '70M', 8, 2);
    expect(rates.of('ort-webgpu padded to longest', '10M')).toBe(10);
    expect(rates.of('ort-webgpu', '400M')).toBe(4);
    expect(rates.of('wasm int8', '10M')).toBe(7);
  });
});
