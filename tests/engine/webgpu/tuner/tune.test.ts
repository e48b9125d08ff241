import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fastest, type TuningClass, tune } from '../../../../src/engine/webgpu/tuner/tune.ts';

const classes: readonly TuningClass[] = [
  { key: 'a1', family: 'a', variants: ['p', 'q', 'r', 's', 't'] },
  { key: 'a2', family: 'a', variants: ['p', 'q', 'r', 's', 't'] },
  { key: 'b1', family: 'b', variants: ['x', 'y'] },
];

/** Timings as given; each measurement costs its own time of a fake clock, in milliseconds. */
function fake(timings: Readonly<Record<string, number | null>>) {
  const asked: string[] = [];
  let spent = 0;
  return {
    asked,
    spent: () => spent,
    measure: async (key: string, variant: string) => {
      asked.push(`${key} ${variant}`);
      const seconds = timings[`${key} ${variant}`] ?? timings[variant] ?? null;
      spent += 1000 * (seconds ?? 0);
      return seconds;
    },
  };
}

const TIMINGS = { p: 5, q: 3, r: 4, s: 1, t: 9, x: 2, y: 1, 'a2 q': 0.5 };

describe('the tuner', () => {
  it('takes the fastest of each class, and measures the leaders of the first class for the others', async () => {
    const { asked, spent, measure } = fake(TIMINGS);
    const table = await tune(classes, measure, { spent, budgetMs: Number.POSITIVE_INFINITY });
    expect(table).toEqual({ a1: 's', a2: 'q', b1: 'y' });
    expect(asked).toEqual([
      ...['p', 'q', 'r', 's', 't'].map((variant) => `a1 ${variant}`),
      ...['q', 'r', 's'].map((variant) => `a2 ${variant}`),
      ...['x', 'y'].map((variant) => `b1 ${variant}`),
    ]);
  });

  it('stops measuring when the budget is spent, and leaves out what it did not reach', async () => {
    const { asked, spent, measure } = fake(TIMINGS);
    expect(await tune(classes, measure, { spent, budgetMs: 8000 })).toEqual({ a1: 'q' });
    expect(asked).toEqual(['a1 p', 'a1 q']);
    expect(await tune(classes, measure, { spent, budgetMs: 0 })).toEqual({});
  });

  it('passes over what is wrong on the device', async () => {
    const { spent, measure } = fake({ ...TIMINGS, s: null, x: null, y: null });
    const table = await tune(classes, measure, { spent, budgetMs: Number.POSITIVE_INFINITY });
    expect(table).toEqual({ a1: 'q', a2: 'q' });
  });

  it('keeps the better guess where timings hardly differ', () => {
    expect(
      fastest(
        new Map([
          ['first', 1.02],
          ['second', 1],
        ]),
      ),
    ).toBe('first');
    expect(
      fastest(
        new Map([
          ['first', 1.05],
          ['second', 1],
        ]),
      ),
    ).toBe('second');
    expect(fastest(new Map())).toBeNull();
  });

  it('names only variants it measured, whatever the timings', async () => {
    const seconds = fc.oneof(fc.constant(null), fc.double({ min: 1e-6, max: 10, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(seconds, { minLength: 12, maxLength: 12 }),
        fc.nat(20_000),
        async (drawn, budgetMs) => {
          const all = classes.flatMap(({ key, variants }) => variants.map((variant) => `${key} ${variant}`));
          const { asked, spent, measure } = fake(Object.fromEntries(all.map((name, i) => [name, drawn[i]])));
          const table = await tune(classes, measure, { spent, budgetMs });
          for (const [key, variant] of Object.entries(table)) expect(asked).toContain(`${key} ${variant}`);
        },
      ),
    );
  });

  it('tells how far it is, and stops when cancelled', async () => {
    const { spent, measure } = fake(TIMINGS);
    const controller = new AbortController();
    const seen: number[] = [];
    const onProgress = (done: number, total: number) => {
      expect(total).toBe(12);
      seen.push(done);
      if (done === 3) controller.abort(new Error('enough'));
    };
    const { signal } = controller;
    const budgetMs = Number.POSITIVE_INFINITY;
    await expect(tune(classes, measure, { spent, budgetMs, signal, onProgress })).rejects.toThrow('enough');
    expect(seen).toEqual([1, 2, 3]);
  });
});
