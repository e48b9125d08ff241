import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOWHERE, sumRowsByDestination, unitItems } from '../../../../src/engine/webgpu/training/segments.ts';

interface Sums {
  readonly segments: Uint32Array;
  readonly items: Uint32Array;
}

/** What `segment-sum` does with one number a row. */
function run({ segments, items }: Sums, x: ArrayLike<number>, y: Float64Array): void {
  const coefficients = new Float32Array(items.buffer, items.byteOffset, items.length);
  for (let i = 0; i < segments.length; i += 4) {
    const [destination, first, count] = segments.subarray(i, i + 3);
    for (let item = first; item < first + count; item++)
      y[destination] += coefficients[2 * item + 1] * x[items[2 * item]];
  }
}

const problems = fc
  .record({ rows: fc.integer({ min: 0, max: 900 }), count: fc.integer({ min: 1, max: 4 }), seed: fc.nat() })
  .map(({ rows, count, seed }) => {
    const noise = (i: number) => Math.abs(Math.sin(seed + 12.9898 * i) * 43758.5453) % 1;
    return {
      count,
      destinations: Uint32Array.from({ length: rows }, (_, i) =>
        noise(i) < 0.2 ? NOWHERE : Math.floor(noise(3 * i + 1) ** 3 * count),
      ),
      coefficients: Float32Array.from({ length: rows }, (_, i) => noise(7 * i) - 0.5),
      x: Float32Array.from({ length: rows }, (_, i) => noise(11 * i) - 0.5),
    };
  });

describe('sums of rows by destination', () => {
  it('add every row once, whatever the lengths, in sums of no more than 128', () => {
    fc.assert(
      fc.property(problems, ({ count, destinations, coefficients, x }) => {
        const { direct, pieces, joined } = sumRowsByDestination(destinations, count, coefficients);
        const y = new Float64Array(count);
        run(direct, x, y);
        const partial = new Float64Array(pieces.segments.length / 4);
        run(pieces, x, partial);
        run(joined, partial, y);
        const expected = new Float64Array(count);
        for (const [i, destination] of destinations.entries())
          if (destination !== NOWHERE) expected[destination] += coefficients[i] * x[i];
        for (const [i, sum] of expected.entries()) expect(Math.abs(y[i] - sum)).toBeLessThanOrEqual(1e-9);
        for (const { segments } of [direct, pieces])
          for (let i = 0; i < segments.length; i += 4) expect(segments[i + 2]).toBeLessThanOrEqual(128);
      }),
    );
  });

  it('name rows at a distance', () => {
    expect([...unitItems(3, 1, 2)].filter((_, i) => i % 2 === 0)).toEqual([1, 3, 5]);
  });
});
