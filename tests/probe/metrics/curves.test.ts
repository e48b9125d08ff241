import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/analysis/random.ts';
import { coverageCurve, reliabilityBins, rocCurves } from '../../../src/probe/metrics/curves.ts';
import { pairwiseAuroc } from './brute-force.ts';

/** Binary answers [n, 2] with the second class's probability `scores`. */
const binary = (scores: readonly number[]) => Float32Array.from(scores.flatMap((p) => [1 - p, p]));

function area(points: readonly { x: number; y: number }[]): number {
  return points.slice(1).reduce((sum, { x, y }, i) => sum + ((x - points[i].x) * (y + points[i].y)) / 2, 0);
}

describe('rocCurves', () => {
  it.each([3, 40, 3000])('keeps the area of %i cells in at most 200 points', (n) => {
    const random = new Random(n);
    const labels = Int32Array.from({ length: n }, (_, i) => i % 2);
    const scores = Array.from(labels, (label) => Math.fround((random.uniform() + 0.2 * label) / 1.2));
    const curves = rocCurves(labels, binary(scores), ['a', 'b']);
    expect(curves).toHaveLength(2);
    const { roc } = curves[1];
    expect(roc.length).toBeLessThanOrEqual(200);
    expect(roc[0]).toEqual({ x: 0, y: 0 });
    expect(roc.at(-1)).toEqual({ x: 1, y: 1 });
    for (const [i, { x, y }] of roc.slice(1).entries()) expect(x >= roc[i].x && y >= roc[i].y).toBe(true);
    const positive = Array.from(labels, (label) => label === 1);
    const difference = Math.abs(area(roc) - pairwiseAuroc(positive, scores));
    expect(difference).toBeLessThanOrEqual(n > 200 ? 0.003 : 1e-12);
  });

  it('leaves out classes without both sides', () => {
    const labels = Int32Array.of(0, 1);
    const probabilities = Float32Array.of(0.6, 0.3, 0.1, 0.2, 0.5, 0.3);
    expect(rocCurves(labels, probabilities, ['a', 'b', 'c']).map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

const cells = fc.array(
  fc.record({ p: fc.float({ min: 0, max: 1, noNaN: true }), label: fc.integer({ min: 0, max: 1 }) }),
  { minLength: 1, maxLength: 40 },
);

describe('reliabilityBins', () => {
  it('puts every cell in the bin of its answer’s probability', () => {
    fc.assert(
      fc.property(cells, (drawn) => {
        const probabilities = binary(drawn.map(({ p }) => p));
        const labels = Int32Array.from(drawn, ({ label }) => label);
        const bins = reliabilityBins(labels, probabilities, 2);
        expect(bins).toHaveLength(10);
        expect(bins.reduce((sum, { n }) => sum + n, 0)).toBe(drawn.length);
        for (const { low, high, n, meanProbability, accuracy } of bins) {
          if (n === 0) continue;
          expect(meanProbability).toBeGreaterThanOrEqual(low - 1e-7);
          expect(meanProbability).toBeLessThanOrEqual(high + 1e-7);
          expect(accuracy >= 0 && accuracy <= 1).toBe(true);
        }
        const right = bins.reduce((sum, { n, accuracy }) => sum + (n === 0 ? 0 : n * accuracy), 0);
        const answered = drawn.filter(({ label }, i) => {
          const [first, second] = probabilities.subarray(2 * i, 2 * i + 2);
          return label === Number(second > first);
        });
        expect(right).toBeCloseTo(answered.length, 9);
      }),
    );
  });
});

describe('coverageCurve', () => {
  it('is what withholding below each threshold leaves', () => {
    fc.assert(
      fc.property(cells, (drawn) => {
        const probabilities = binary(drawn.map(({ p }) => p));
        const labels = Int32Array.from(drawn, ({ label }) => label);
        const points = coverageCurve(labels, probabilities, 2);
        expect(points[0]).toMatchObject({ threshold: 0, coverage: 1 });
        for (const { threshold, coverage, accuracy } of points) {
          const answered = drawn.flatMap(({ label }, i) => {
            const [first, second] = probabilities.subarray(2 * i, 2 * i + 2);
            return Math.max(first, second) >= threshold ? [Number(Number(second > first) === label)] : [];
          });
          expect(coverage).toBe(answered.length / drawn.length);
          expect(accuracy).toBe(answered.reduce((a, b) => a + b, 0) / answered.length);
        }
      }),
    );
  });
});
