import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planEpoch, planInOrder, recordPlan, stepsPerEpoch } from '../../src/train/batch-plan.ts';

const plans = fc.record({
  lengths: fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 80 }),
  annotations: fc.integer({ min: 0, max: 4 }),
  batches: fc.record({ cells: fc.integer({ min: 1, max: 30 }), tokens: fc.integer({ min: 1, max: 200 }) }),
  seed: fc.nat(1e6),
  epoch: fc.nat(50),
});

function planned({ lengths, annotations }: { lengths: number[]; annotations: number }) {
  const cuSeqlens = new Uint32Array(2 * lengths.length + 1);
  // Every second cell is in another set.
  lengths.forEach((length, i) => {
    cuSeqlens[2 * i + 1] = cuSeqlens[2 * i] + length;
    cuSeqlens[2 * i + 2] = cuSeqlens[2 * i + 1] + 7;
  });
  return { cells: Uint32Array.from(lengths, (_, i) => 2 * i), cuSeqlens, annotations };
}

describe('a pass over the training cells', () => {
  it('has every cell once, steps of equal size, micro-batches within the budget', () => {
    fc.assert(
      fc.property(plans, ({ batches, seed, epoch, ...cells }) => {
        const from = planned(cells);
        const steps = planEpoch(from, batches, seed, epoch);
        expect(steps.length).toBe(stepsPerEpoch(from, batches));
        const all = steps.flat().flatMap((micro) => Array.from(micro));
        expect(all.sort((a, b) => a - b)).toEqual(Array.from(from.cells));
        const sizes = steps.map((step) => step.reduce((sum, micro) => sum + micro.length, 0));
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(batches.cells);
        for (const micro of steps.flat()) {
          const tokens = micro.reduce(
            (sum, cell) => sum + from.cuSeqlens[cell + 1] - from.cuSeqlens[cell] + from.annotations,
            0,
          );
          expect(micro.length === 1 || tokens <= batches.tokens).toBe(true);
        }
        expect(planEpoch(from, batches, seed, epoch)).toEqual(steps);
      }),
    );
  });

  it('is another in another epoch, and its record tells plans apart', () => {
    const from = planned({ lengths: Array.from({ length: 60 }, (_, i) => 1 + (i % 13)), annotations: 1 });
    const batches = { cells: 8, tokens: 40 };
    expect(planEpoch(from, batches, 1, 0)).not.toEqual(planEpoch(from, batches, 1, 1));
    const record = recordPlan(from, batches, 1);
    expect(record).toEqual(recordPlan(from, batches, 1));
    expect(record.fingerprint).not.toBe(recordPlan(from, batches, 2).fingerprint);
    expect(record).toMatchObject({ stepsPerEpoch: 8, cellsPerStep: 8 });
    expect(record.greatestMicroBatch).toBeLessThanOrEqual(40);
  });

  it('goes by length where nothing is learned', () => {
    const from = planned({ lengths: [3, 9, 9, 1], annotations: 0 });
    expect(planInOrder(from, { cells: 1, tokens: 20 })).toEqual([Uint32Array.of(2, 4), Uint32Array.of(0, 6)]);
  });
});
