import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attention } from '../../../../src/engine/reference/numerics.ts';
import { attentionBackward } from '../../../../src/engine/reference/training/attention.ts';
import { randomFloats } from '../../../../src/engine/webgpu/cases/kernel-case.ts';

/** Σ cotangent · attention(qkv): its gradient is what the backward pass gives. */
function objective(qkv: Float64Array, cotangent: Float64Array, shape: Shape): number {
  const y = attention(qkv, shape.queries, shape.keys, shape.heads, shape.headSize);
  return y.reduce((sum, value, i) => sum + value * cotangent[i], 0);
}

interface Shape {
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly headSize: number;
}

const shapes = fc
  .record({
    keys: fc.integer({ min: 1, max: 5 }),
    padding: fc.integer({ min: 0, max: 3 }),
    heads: fc.integer({ min: 1, max: 3 }),
    headSize: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ padding, ...shape }) => ({ ...shape, queries: shape.keys + padding }));

describe('attentionBackward', () => {
  it('is what central differences give, for any shape, padding rows behind the keys included', () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (shape, seed) => {
        const { queries, keys, heads, headSize } = shape;
        const width = heads * headSize;
        const qkv = Float64Array.from(randomFloats(seed, queries * 3 * width), (v) => 2 * v);
        const cotangent = Float64Array.from(randomFloats(seed + 1, queries * width));
        const gradient = attentionBackward(qkv, cotangent, queries, keys, heads, headSize);
        const step = 1e-5;
        const differences = qkv.map((value, i) => {
          const at = (changed: number) => objective(qkv.with(i, changed), cotangent, shape);
          return (at(value + step) - at(value - step)) / (2 * step);
        });
        const worst = gradient.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - differences[i])),
          0,
        );
        expect(gradient).toHaveLength(qkv.length);
        expect(worst).toBeLessThan(1e-8);
      }),
      { numRuns: 40, seed: 20261125 },
    );
  });

  it('gives a cell of one token its cotangent as that of the value, and nothing else', () => {
    const gradient = attentionBackward(Float64Array.of(3, -1, 7), Float64Array.of(0.5), 1, 1, 1, 1);
    expect([...gradient]).toEqual([0, 0, 0.5]);
  });
});
