import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gelu, geluDerivative, layerNorm } from '../../../src/engine/reference/numerics.ts';
import { softmaxGradientCase } from '../../../src/engine/webgpu/cases/loss.ts';
import {
  layerNormBackwardCase,
  layerNormParametersCase,
} from '../../../src/engine/webgpu/cases/rows-backward.ts';

const STEP = 1e-4;

/** The slope of f at each element of x. */
function slopes(x: Float64Array, f: (x: Float64Array) => number): Float64Array {
  return x.map((v, i) => f(x.with(i, v + STEP)) - f(x.with(i, v - STEP))).map((d) => d / (2 * STEP));
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++)
    expect(Math.abs(actual[i] - expected[i]), `element ${i}`).toBeLessThanOrEqual(2e-6);
}

const sizes = { rows: fc.integer({ min: 1, max: 4 }), columns: fc.integer({ min: 1, max: 9 }) };

describe('the float64 answers of training kernels are slopes', () => {
  it('of layer-norm by its input and parameters', () => {
    fc.assert(
      fc.property(sizes.rows, sizes.columns, fc.nat(), (rows, columns, seed) => {
        const stride = Math.ceil(columns / 4) * 4;
        const { inputs, expected } = layerNormBackwardCase(rows, columns, seed);
        const own = (name: string) =>
          Float64Array.from({ length: (inputs[name].length / stride) * columns }, (_, i) =>
            Number(inputs[name][Math.floor(i / columns) * stride + (i % columns)]),
          );
        const [weight, bias] = [Float32Array.from(own('weight')), new Float32Array(columns)];
        const cotangent = own('cotangent');
        const loss = (x: Float64Array) =>
          layerNorm(x, rows, columns, weight, bias, 1e-5).reduce((sum, v, i) => sum + v * cotangent[i], 0);
        const dx = slopes(own('x'), loss);
        expectClose(
          expected.filter((_, i) => i % stride < columns),
          dx,
        );
        expect(expected.filter((_, i) => i % stride >= columns).every((v) => v === 0)).toBe(true);
      }),
      { numRuns: 30, seed: 5 },
    );
    const { inputs, expected } = layerNormParametersCase(7, 4, 7, 3);
    const [x, cotangent] = [inputs.x, inputs.cotangent].map((values) => Float64Array.from(values));
    const loss = (weight: Float64Array, bias: Float64Array) =>
      layerNorm(x, 7, 4, Float32Array.from(weight), Float32Array.from(bias), 1e-5).reduce(
        (sum, v, i) => sum + v * cotangent[i],
        0,
      );
    // Linear in both: the difference of one whole step is the slope, in float32 as well.
    const zeros = new Float64Array(4);
    const unit = (i: number) => zeros.with(i, 1);
    for (let i = 0; i < 4; i++) {
      expect(loss(unit(i), zeros)).toBeCloseTo(expected[i], 4);
      expect(loss(zeros, unit(i))).toBeCloseTo(expected[4 + i], 6);
    }
  });

  it('of GELU', () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (x) =>
        expectClose(
          slopes(Float64Array.of(x), ([v]) => gelu(v)),
          [geluDerivative(x)],
        ),
      ),
    );
  });

  it('of the cross-entropy by the logits of a row’s own classes', () => {
    const { inputs, expected } = softmaxGradientCase({ rows: 9, start: 0, columns: 8, behind: 0 }, 11);
    const targets = inputs.targets;
    const weights = new Float32Array(targets.buffer);
    const loss = (logits: Float64Array) => {
      let total = 0;
      for (let row = 0; row < 9; row++) {
        const [own, , first, end] = targets.subarray(4 * row, 4 * row + 4);
        const range = logits.subarray(8 * row + first, 8 * row + end);
        const most = Math.max(...range);
        const sum = range.reduce((all, logit) => all + Math.exp(logit - most), 0);
        if (end > first) total += weights[4 * row + 1] * (Math.log(sum) + most - logits[8 * row + own]);
      }
      return total;
    };
    expectClose(expected, slopes(Float64Array.from(inputs.logits), loss));
  });
});
