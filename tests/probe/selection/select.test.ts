import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fits } from '../../../src/probe/fits.ts';
import { innerFolds } from '../../../src/probe/selection/inner-folds.ts';
import { C_GRID, select } from '../../../src/probe/selection/select.ts';
import type { ProbeData } from '../../../src/probe/types.ts';
import { donorsOf, madeData } from '../../support/probe-data.ts';

const rows = (data: ProbeData) => Uint32Array.from(data.labels.keys());

describe('innerFolds', () => {
  it('validates every donor once, whole, and never where it trains', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 13 }), fc.nat(99), (donors, seed) => {
        const data = madeData(donorsOf(Math.max(4, donors), 3));
        const folds = innerFolds(data, rows(data), seed);
        if (typeof folds === 'string') throw new Error(folds);
        expect(folds.length).toBe(Math.min(5, Math.max(4, donors)));
        const validated = folds.flatMap((fold) => Array.from(fold.validation));
        expect(validated.sort((a, b) => a - b)).toEqual([...rows(data)]);
        for (const { train, validation } of folds) {
          const codes = new Set(Array.from(validation, (cell) => data.groups?.codes[cell]));
          expect(train.some((cell) => codes.has(data.groups?.codes[cell]))).toBe(false);
          expect(train.length + validation.length).toBe(data.labels.length);
        }
      }),
    );
  });

  it('says why there are none', () => {
    const one = madeData(donorsOf(1, 4));
    expect(innerFolds(one, rows(one), 1)).toBe('too-few-groups');
    const three = madeData(donorsOf(3, 4));
    expect(innerFolds(three, rows(three), 1)).toBe('class-in-one-group');
    expect(innerFolds({ ...three, groups: null }, rows(three), 1)).toBe('too-few-groups');
  });
});

describe('select', () => {
  const chosen = (data: ProbeData, c: number | 'chosen' = 'chosen') =>
    select(
      data,
      { ...data, classes: data.classes.length },
      rows(data),
      { c, classWeights: 'none', seed: 1 },
      new Fits({}, 100),
    );

  it('takes a strong penalty where labels say nothing and a weak one where they say all', async () => {
    const noise = await chosen(madeData(donorsOf(8, 20), { donorEffect: 1 }));
    const clear = await chosen(madeData(donorsOf(8, 20), { signal: 8 }));
    expect(noise.c).toBe(C_GRID[0]);
    expect(clear.c).toBeGreaterThanOrEqual(1);
    expect(clear).toMatchObject({ threshold: 0, fallback: null });
  });

  it('keeps a given C and still chooses a threshold', async () => {
    const given = await chosen(madeData(donorsOf(8, 20), { signal: 1 }), 3);
    expect(given).toMatchObject({ c: 3, fallback: null });
    expect(given.threshold).not.toBeNull();
  });

  it('falls back to C = 1 and says why', async () => {
    const data = madeData(donorsOf(3, 8), { signal: 1 });
    expect(await chosen(data)).toEqual({ c: 1, threshold: null, fallback: 'class-in-one-group' });
    expect(await chosen(data, 5)).toEqual({ c: 5, threshold: null, fallback: null });
  });
});
