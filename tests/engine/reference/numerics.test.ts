import { describe, expect, it } from 'vitest';
import { erf, layerNorm, linear } from '../../../src/engine/reference/numerics.ts';

describe('erf', () => {
  // Values of scipy.special.erf.
  it.each([
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [2, 0.9953222650189527],
    [3.5, 0.9999992569016276],
    [-1.3, -0.9340079449406524],
    [7, 1],
    [0, 0],
  ])('erf(%f)', (z, expected) => {
    expect(Math.abs(erf(z) - expected)).toBeLessThan(2e-15);
  });
});

describe('linear', () => {
  it('multiplies by the transpose of [out, in] and adds the bias, for a row count that is no multiple of four', () => {
    const x = Float64Array.from([1, 2, 3, -1, 0.5, 4, 2, 2, 2, 0, 1, 0, 7, -3, 1]);
    const weight = Float32Array.from([1, 0, 2, -1, 3, 0.5]);
    const bias = Float32Array.from([0.25, -1]);
    expect([...linear(x, 5, weight, bias, 3, 2)]).toEqual([
      7.25, 5.5, 7.25, 3.5, 6.25, 4, 0.25, 2, 9.25, -16.5,
    ]);
  });
});

describe('layerNorm', () => {
  it('gives rows of mean zero and unit variance before weight and bias', () => {
    const y = layerNorm(
      Float64Array.from([1, 2, 4, 9]),
      1,
      4,
      new Float32Array(4).fill(1),
      new Float32Array(4),
      0,
    );
    const mean = y.reduce((a, b) => a + b) / 4;
    const variance = y.reduce((a, b) => a + b * b, 0) / 4;
    expect(Math.abs(mean)).toBeLessThan(1e-15);
    expect(variance).toBeCloseTo(1, 14);
    expect(y[3]).toBeGreaterThan(y[2]);
  });
});
