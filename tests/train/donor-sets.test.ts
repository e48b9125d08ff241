import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DonorSplit } from '../../src/train/config.ts';
import { planDonorSets } from '../../src/train/donor-sets.ts';
import { TrainError } from '../../src/train/errors.ts';
import type { DonorCells } from '../../src/train/types.ts';

const objective = { kind: 'finetune', annotation: 'disease', masked: 0, otherHeads: 'keep' } as const;
const automatic = { kind: 'automatic', validation: 0.2, test: 0.2 } as const;

/** Donors as [study, class of all their cells], five cells each. */
function donorsOf(
  list: readonly (readonly [study: number, label: number])[],
  seen: readonly number[] = [],
): DonorCells {
  const cells = list.flatMap((_, donor) => Array.from({ length: 5 }, () => donor));
  const studies = 1 + Math.max(0, ...list.map(([study]) => study));
  return {
    donors: {
      names: list.map((_, i) => `D${i % 4}`),
      studies: list.map(([study]) => study),
      seen: list.map((_, i) => (seen.includes(i) ? 1 : 0)),
      codes: Int32Array.from(cells),
    },
    sources: Array.from({ length: studies }, (_, s) => ({
      study: `S${s}`,
      files: {},
      citation: '',
      licence: '',
      hasDonors: true,
    })),
    studies: Int32Array.from(cells, (donor) => list[donor][0]),
    labels: {
      disease: { classes: ['a', 'b', 'c'], codes: Int32Array.from(cells, (donor) => list[donor][1]) },
    },
  };
}

const plan = (data: DonorCells, split: DonorSplit = automatic, seed = 1) =>
  planDonorSets(data, { split, objective, seed });

describe('donor sets', () => {
  it('have no donor twice, no seen donor in the test, all cells once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.integer({ min: -1, max: 2 })), { minLength: 1, maxLength: 40 }),
        fc.array(fc.nat(39), { maxLength: 10 }),
        fc.nat(1000),
        (list, seen, seed) => {
          const data = donorsOf(list, seen);
          // Beside hidden genes, cells without a label teach as well.
          const asked = { split: automatic, objective: { ...objective, masked: 1 }, seed };
          const sets = planDonorSets(data, asked);
          const setsOf = new Map<number, Set<string>>();
          for (const name of ['train', 'validation', 'test'] as const) {
            for (const cell of sets[name]) {
              const donor = data.donors.codes[cell];
              setsOf.set(donor, (setsOf.get(donor) ?? new Set()).add(name));
            }
          }
          for (const names of setsOf.values()) expect(names.size).toBe(1);
          expect(sets.train.length + sets.validation.length + sets.test.length).toBe(5 * list.length);
          for (const { seen: known, set } of sets.donors) if (known) expect(set).toBe('train');
          expect(planDonorSets(data, asked)).toEqual(sets);
        },
      ),
    );
  });

  it('keep every class in train and test where it has two donors', () => {
    const data = donorsOf(Array.from({ length: 20 }, (_, i) => [0, i % 2] as const));
    for (let seed = 0; seed < 20; seed++) {
      const { donors } = plan(data, automatic, seed);
      for (const set of ['train', 'validation', 'test'] as const) {
        const classes = donors.flatMap((place, i) => (place.set === set ? [i % 2] : []));
        expect(new Set(classes).size).toBe(2);
      }
      expect(donors.filter(({ set }) => set === 'test').length).toBe(4);
    }
  });

  it('say so where donors are too few for validation', () => {
    const three = plan(donorsOf([0, 1, 0, 1, 0, 1].map((label) => [0, label] as const)));
    expect(three.validation.length).toBe(0);
    expect(three.test.length).toBe(10);
    expect(three.notices.join(' ')).toMatch(/Too few donors for a validation set/);
    // One class has donors to spare, the other has not.
    const lopsided = plan(donorsOf([0, 0, 0, 0, 0, 0, 0, 0, 1, 1].map((label) => [0, label] as const)));
    expect(lopsided.validation.length).toBe(0);
    expect(lopsided.notices.join(' ')).toMatch(/fewer than two classes of disease/);
    // The second class of validation is none that could be learnt.
    const untaught = plan(
      donorsOf([
        [0, 0],
        [0, 1],
        [0, 0],
        [0, 2],
      ]),
      { kind: 'donors', validation: { S0: ['D2', 'D3'] }, test: {}, leftOut: {} },
    );
    expect(untaught.validation.length).toBe(0);
    expect(untaught.notices.join(' ')).toMatch(/fewer than two classes of disease/);
    const one = plan(donorsOf([[0, 0]]));
    expect(one.test.length).toBe(0);
    expect(one.notices.join(' ')).toMatch(/No donor can be a test/);
  });

  it('leave out cells without a donor, and train on files without any', () => {
    const data = donorsOf([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    data.donors.codes[0] = -1;
    data.donors.codes.fill(-1, 10);
    const sources = data.sources.map((source, s) => ({ ...source, hasDonors: s === 0 }));
    const sets = plan({ ...data, sources });
    expect(sets.train.length + sets.test.length).toBe(14);
    expect(sets.notices.join(' ')).toMatch(/1 cells have no recorded donor/);
    expect(sets.notices.join(' ')).toMatch(/S1 names no donors/);
    for (let cell = 10; cell < 15; cell++) expect(sets.train).toContain(cell);
  });

  it('train on no cell without a label where there is nothing else to learn', () => {
    const data = donorsOf([0, 1, 0, 1, 0, 1].map((label) => [0, label] as const));
    const { codes } = data.labels.disease;
    codes.forEach((_, cell) => {
      if (cell % 5 === 0) codes[cell] = -1;
    });
    const sets = plan(data);
    expect(sets.train.every((cell) => codes[cell] >= 0)).toBe(true);
    expect(sets.train.length).toBe(16);
    expect(sets.test.length).toBe(10);
    expect(sets.notices.join(' ')).toMatch(/4 cells of training donors have no class of disease/);
    const both = planDonorSets(data, { split: automatic, objective: { ...objective, masked: 0.1 }, seed: 1 });
    expect(both.train.length).toBe(20);
    codes.fill(-1);
    expect(() => plan(data)).toThrow(TrainError);
  });

  it('are the user’s where they are chosen, of one study where two have the same name', () => {
    const data = donorsOf([0, 0, 0, 0, 1, 1, 1, 1].map((study, i) => [study, i % 2] as const));
    const split = {
      kind: 'donors',
      validation: { S0: ['D0', 'D1'] },
      test: { S1: ['D0'] },
      leftOut: { S1: ['D3'] },
    } as const;
    const { donors } = plan(data, split);
    const sets = donors.map(({ study, donor, set }) => `${study} ${donor} ${set}`);
    expect(sets).toEqual([
      'S0 D0 validation',
      'S0 D1 validation',
      'S0 D2 train',
      'S0 D3 train',
      'S1 D0 test',
      'S1 D1 train',
      'S1 D2 train',
      'S1 D3 left-out',
    ]);
  });

  it('say so where one name is in the test of one study and trains in another', () => {
    const data = donorsOf([0, 0, 0, 0, 1, 1, 1, 1].map((study) => [study, 0] as const));
    const chosen = (test: Record<string, string[]>) =>
      plan(data, { kind: 'donors', validation: {}, test, leftOut: {} }).notices.join(' ');
    expect(chosen({ S0: ['D1'] })).toMatch(/different people, and are in different sets: D1\./);
    expect(chosen({ S0: ['D1'], S1: ['D1'] })).not.toMatch(/different people/);
  });

  it('refuse unknown donors, donors in two sets and seen donors as a test', () => {
    const data = donorsOf(
      [
        [0, 0],
        [0, 1],
        [0, 0],
        [0, 1],
      ],
      [2],
    );
    const code = (changes: Partial<Extract<DonorSplit, { kind: 'donors' }>>) => {
      try {
        plan(data, { kind: 'donors', validation: {}, test: {}, leftOut: {}, ...changes });
      } catch (error) {
        return error instanceof TrainError ? error.code : error;
      }
      return null;
    };
    expect(code({ test: { S0: ['D9'] } })).toBe('unknown-donor');
    expect(code({ test: { S7: ['D0'] } })).toBe('unknown-donor');
    expect(code({ test: { S0: ['D0'] }, validation: { S0: ['D0'] } })).toBe('donor-twice');
    expect(code({ test: { S0: ['D2'] } })).toBe('seen-donor');
    expect(code({ leftOut: { S0: ['D0', 'D1', 'D2', 'D3'] } })).toBe('nothing-to-train');
  });
});
