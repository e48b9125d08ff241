import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Objective } from '../../../src/probe/logistic/lbfgs.ts';
import { lineSearch } from '../../../src/probe/logistic/line-search.ts';

/** x − log x, which has no value at 0 and below; its minimum is at 1. */
const objective: Objective = {
  noise: 1e-14,
  async evaluate([x], gradient) {
    gradient[0] = x > 0 ? 1 - 1 / x : Number.NaN;
    return x > 0 ? x - Math.log(x) : Number.NaN;
  },
};

const pointAt = async (x: number) => {
  const gradient = new Float64Array(1);
  const value = await objective.evaluate(Float64Array.of(x), gradient);
  return { parameters: Float64Array.of(x), gradient, value };
};

describe('lineSearch', () => {
  it('finds a step that satisfies the Wolfe conditions, however wrong the first one is', async () => {
    const sizes = fc.double({ min: -6, max: 6, noNaN: true }).map((power) => 10 ** power);
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0.01, max: 50, noNaN: true }), sizes, async (x, size) => {
        fc.pre(Math.abs(x - 1) > 1e-3);
        const from = await pointAt(x);
        const direction = Float64Array.of(x > 1 ? -size : size);
        const slope = from.gradient[0] * direction[0];
        const found = await lineSearch(objective, from, direction);
        expect(found).not.toBeNull();
        const step = (found!.parameters[0] - x) / direction[0];
        // Lower in any case: as much as the slope promises, or short of the far side's steep.
        expect(found!.value).toBeLessThanOrEqual(from.value + 1e-12);
        const armijo = found!.value <= from.value + 1e-4 * step * slope;
        expect(armijo || found!.gradient[0] * direction[0] <= -0.8 * slope).toBe(true);
        expect(found!.gradient[0] * direction[0]).toBeGreaterThanOrEqual(0.9 * slope);
      }),
    );
  });

  it('finds none uphill', async () => {
    expect(await lineSearch(objective, await pointAt(3), Float64Array.of(1))).toBeNull();
  });
});
