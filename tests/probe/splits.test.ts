import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProbeError } from '../../src/probe/errors.ts';
import { planFolds } from '../../src/probe/splits.ts';
import type { Fold, ProbeData, SplitPlan } from '../../src/probe/types.ts';
import { donorsOf, grouping, type MadeDonor, madeData, madeSettings } from '../support/probe-data.ts';

const groupsIn = (data: ProbeData, cells: Uint32Array) =>
  new Set(Array.from(cells, (cell) => data.groups?.names[data.groups.codes[cell]]));

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ProbeError) return error.code;
    throw error;
  }
  return 'none';
};

/** Any few donors, some seen, some with mixed labels, some cells without label, group or finite features. */
const anyData = fc
  .record({
    donors: fc.array(
      fc.record({
        label: fc.option(fc.nat(2), { nil: null }),
        cells: fc.integer({ min: 1, max: 7 }),
        seen: fc.boolean(),
      }),
      { minLength: 1, maxLength: 9 },
    ),
    holes: fc.array(fc.record({ cell: fc.nat(60), what: fc.constantFrom('label', 'group', 'feature') }), {
      maxLength: 6,
    }),
  })
  .map(({ donors, holes }) => {
    const named: MadeDonor[] = donors.map((donor, i) => ({ ...donor, name: `d${i}` }));
    const data = madeData(named, { classes: ['a', 'b', 'c'], dimension: 2 });
    for (const { cell, what } of holes) {
      if (cell >= data.labels.length) continue;
      if (what === 'label') data.labels[cell] = -1;
      else if (what === 'group') data.groups!.codes[cell] = -1;
      else data.features[cell * 2] = Number.NaN;
    }
    return data;
  });

const anyPlan: fc.Arbitrary<SplitPlan> = fc.oneof(
  fc.constant({ kind: 'leave-one-group-out' } as const),
  fc.integer({ min: 2, max: 4 }).map((folds) => ({ kind: 'grouped-k-fold', folds }) as const),
  fc.subarray(['d0', 'd1', 'd2', 'd3']).map((groups) => ({ kind: 'held-out-groups', groups }) as const),
  fc.constant({ kind: 'held-out-case', trainCases: ['x'], testCase: 'y', control: 'ctrl' } as const),
  fc.integer({ min: 2, max: 4 }).map((folds) => ({ kind: 'random-cells', folds }) as const),
);

function plan(data: ProbeData, split: SplitPlan, seed: number): Fold[] {
  // Cases by cell, so that donors with several occur.
  const cases = grouping(Array.from(data.labels, (_, i) => ['ctrl', 'x', 'y'][(i >> 2) % 3]));
  try {
    return planFolds(data, madeSettings({ split, cases, seed }));
  } catch (error) {
    if (error instanceof ProbeError) return [];
    throw error;
  }
}

describe('every split', () => {
  it('keeps donors whole, tests no seen one, no cell twice, and leaves incomplete cells out', () => {
    let split = 0;
    fc.assert(
      fc.property(anyData, anyPlan, fc.nat(99), (data, kind, seed) => {
        const folds = plan(data, kind, seed);
        if (folds.length > 0) split++;
        const tested = folds.flatMap((fold) => Array.from(fold.test));
        expect(new Set(tested).size).toBe(tested.length);
        for (const { train, test } of folds) {
          expect(test.length).toBeGreaterThan(0);
          const trained = new Set(train);
          expect(test.some((cell) => trained.has(cell))).toBe(false);
          for (const cell of [...train, ...test]) {
            expect(data.labels[cell]).toBeGreaterThanOrEqual(0);
            expect(data.groups!.codes[cell]).toBeGreaterThanOrEqual(0);
            expect(Number.isFinite(data.features[2 * cell])).toBe(true);
          }
          for (const cell of test) expect(data.seen[data.groups!.codes[cell]]).toBe(0);
          if (kind.kind === 'random-cells') continue;
          const both = [...groupsIn(data, train)].filter((name) => groupsIn(data, test).has(name));
          expect(both).toEqual([]);
        }
      }),
      { numRuns: 500, seed: 5 },
    );
    expect(split).toBeGreaterThan(150);
  });

  it('is the same for the same seed', () => {
    fc.assert(
      fc.property(anyData, anyPlan, fc.nat(99), (data, kind, seed) => {
        expect(plan(data, kind, seed)).toEqual(plan(data, kind, seed));
      }),
      { numRuns: 100, seed: 6 },
    );
  });
});

describe('leave-one-group-out', () => {
  it('tests each unseen donor once; seen ones train in every fold', () => {
    const data = madeData([...donorsOf(5, 4), { name: 'known', label: 1, cells: 4, seen: true }]);
    const folds = planFolds(data, madeSettings());
    expect(folds.map((fold) => fold.name)).toEqual(['d0', 'd1', 'd2', 'd3', 'd4']);
    for (const fold of folds) {
      expect([...groupsIn(data, fold.test)]).toEqual([fold.name]);
      expect(groupsIn(data, fold.train).has('known')).toBe(true);
      expect(fold.train.length).toBe(20);
    }
  });
});

describe('grouped k-fold', () => {
  it('deals each class over the folds', () => {
    const data = madeData(donorsOf(12, 3));
    const folds = planFolds(data, madeSettings({ split: { kind: 'grouped-k-fold', folds: 3 } }));
    for (const { test } of folds) {
      const labels = Array.from(test, (cell) => data.labels[cell]);
      expect([labels.length, labels.filter((label) => label === 0).length]).toEqual([12, 6]);
    }
  });

  it('refuses more folds than unseen donors, and fewer than two', () => {
    const data = madeData([...donorsOf(3, 3), { name: 'known', label: 1, cells: 3, seen: true }]);
    const folds = (count: number) => () =>
      planFolds(data, madeSettings({ split: { kind: 'grouped-k-fold', folds: count } }));
    expect(code(folds(4))).toBe('too-few-groups');
    expect(code(folds(1))).toBe('bad-setting');
    expect(code(folds(2.5))).toBe('bad-setting');
  });
});

describe('held-out groups', () => {
  const data = madeData([...donorsOf(4, 3), { name: 'known', label: 1, cells: 3, seen: true }]);
  const held = (...groups: string[]) =>
    planFolds(data, madeSettings({ split: { kind: 'held-out-groups', groups } }));

  it('tests the chosen donors', () => {
    expect([...groupsIn(data, held('d1', 'd2')[0].test)]).toEqual(['d1', 'd2']);
  });

  it('refuses a donor the encoder has seen, an unknown one and none', () => {
    expect(code(() => held('d1', 'known'))).toBe('seen-group');
    expect(code(() => held('nobody'))).toBe('unknown-group');
    expect(code(() => held())).toBe('nothing-to-test');
    expect(code(() => held('d0', 'd1', 'd2', 'd3'))).toBe('one-class-in-training');
  });
});

describe('held-out case', () => {
  const names = ['c0', 'c1', 'c2', 'c3', 'x0', 'x1', 'y0', 'y1'];
  const donors = names.map((name) => ({ name, label: name.startsWith('c') ? 0 : 1, cells: 2 }));
  const data = madeData(donors);
  const cases = grouping(names.flatMap((name) => [name[0], name[0]]));
  const split = { kind: 'held-out-case', trainCases: ['x'], testCase: 'y', control: 'c' } as const;

  it('learns other cases and half of the controls, and is tested on the case and the other half', () => {
    const [fold] = planFolds(data, madeSettings({ split, cases }));
    const train = groupsIn(data, fold.train);
    const test = groupsIn(data, fold.test);
    expect([...train].filter((name) => !name?.startsWith('c'))).toEqual(['x0', 'x1']);
    expect([...test].filter((name) => !name?.startsWith('c'))).toEqual(['y0', 'y1']);
    expect([train.size, test.size]).toEqual([4, 4]);
    const of = (seed: number) => planFolds(data, madeSettings({ split, cases, seed }))[0].test.join();
    expect(new Set([1, 2, 3, 4, 5, 6].map(of)).size).toBeGreaterThan(1);
  });

  it('gives a donor of both cases to the test alone', () => {
    const both = { names: cases.names, codes: cases.codes.slice() };
    both.codes[9] = both.names.indexOf('y');
    const [fold] = planFolds(data, madeSettings({ split, cases: both }));
    expect(groupsIn(data, fold.train).has('x0')).toBe(false);
    expect(Array.from(fold.test).filter((cell) => cell === 8 || cell === 9)).toEqual([9]);
  });

  it('names what it lacks', () => {
    const run = (changes: object, plan: object = {}) =>
      code(() => planFolds(data, madeSettings({ split: { ...split, ...plan }, cases, ...changes })));
    expect(run({ cases: null })).toBe('no-cases');
    expect(run({}, { testCase: 'z' })).toBe('unknown-case');
    expect(run({}, { trainCases: ['x', 'y'] })).toBe('bad-setting');
    expect(run({}, { trainCases: [] })).toBe('bad-setting');
    const seen = { ...data, seen: Uint8Array.from(names, (name) => (name.startsWith('y') ? 1 : 0)) };
    expect(code(() => planFolds(seen, madeSettings({ split, cases })))).toBe('nothing-to-test');
    const knownControls = { ...data, seen: Uint8Array.from(names, (name) => (name.startsWith('c') ? 1 : 0)) };
    expect(code(() => planFolds(knownControls, madeSettings({ split, cases })))).toBe('too-few-groups');
  });
});

describe('random cells', () => {
  it('keeps the classes in each fold and works without groups', () => {
    const data = { ...madeData(donorsOf(4, 10)), groups: null };
    const folds = planFolds(data, madeSettings({ split: { kind: 'random-cells', folds: 4 } }));
    for (const { test } of folds) {
      expect(Array.from(test).filter((cell) => data.labels[cell] === 0).length).toBe(5);
      expect(test.length).toBe(10);
    }
    expect(code(() => planFolds(data, madeSettings()))).toBe('no-groups');
  });
});

it('refuses labels of one class', () => {
  expect(code(() => planFolds(madeData([{ name: 'a', label: 1, cells: 4 }]), madeSettings()))).toBe(
    'one-class',
  );
});
