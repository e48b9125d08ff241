import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningRateAt } from '../../src/train/schedule.ts';

describe('the learning rate', () => {
  const base = { learningRate: 1, warmupSteps: 4 };

  it('warms up in a line, reaches its peak once and falls to nothing', () => {
    for (const schedule of ['cosine', 'linear'] as const) {
      const rates = Array.from({ length: 20 }, (_, step) => learningRateAt(step, 20, { ...base, schedule }));
      expect(rates.slice(0, 4)).toEqual([0.25, 0.5, 0.75, 1]);
      expect(rates[4]).toBe(1);
      for (let step = 5; step < 20; step++) expect(rates[step]).toBeLessThan(rates[step - 1]);
      expect(learningRateAt(20, 20, { ...base, schedule })).toBeCloseTo(0, 12);
    }
    expect(learningRateAt(12, 20, { ...base, schedule: 'cosine' })).toBeCloseTo(0.5, 12);
    expect(learningRateAt(8, 20, { ...base, schedule: 'linear' })).toBeCloseTo(0.75, 12);
    expect(learningRateAt(19, 20, { ...base, schedule: 'constant' })).toBe(1);
  });

  it('is above 0 and at most the peak in every step of any run', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.nat(1000),
        fc.constantFrom('cosine', 'linear', 'constant'),
        (steps, warmupSteps, schedule) => {
          for (let step = 0; step < steps; step++) {
            const rate = learningRateAt(step, steps, { learningRate: 0.3, schedule, warmupSteps });
            expect(rate > 0 && rate <= 0.3).toBe(true);
          }
        },
      ),
    );
  });
});
