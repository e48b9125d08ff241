import { describe, expect, it } from 'vitest';
import { scoreMetrics } from '../../../src/probe/metrics/score.ts';
import { nullOfAnswers } from '../../../src/probe/uncertainty/permutation-null.ts';
import { donorsOf, type MadeDonor, madeData } from '../../support/probe-data.ts';

const SETTINGS = { permutations: 1000, seed: 5 };

/** The null of answers that give each cell's class `sure` of the probability where `right` says so. */
async function nullOf(
  donors: readonly MadeDonor[],
  test: readonly number[],
  right: (cell: number) => boolean,
  settings = SETTINGS,
  signal?: AbortSignal,
) {
  const data = madeData(donors);
  const cells = Uint32Array.from(test);
  const probabilities = new Float32Array(2 * cells.length);
  cells.forEach((cell, r) => {
    const answer = right(cell) ? data.labels[cell] : 1 - data.labels[cell];
    // No two alike, so that nothing is tied.
    probabilities[2 * r + answer] = 0.9 - cell / 1000;
    probabilities[2 * r + 1 - answer] = 0.1 + cell / 1000;
  });
  const observed = scoreMetrics(
    Int32Array.from(cells, (cell) => data.labels[cell]),
    probabilities,
    2,
  );
  return nullOfAnswers(data, cells, probabilities, observed, settings, signal);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('the null of a model that was tested once', () => {
  it('is exact where the test donors can be labelled in few ways: perfect answers are one of twenty', async () => {
    const found = await nullOf(donorsOf(8, 4), range(8, 32), () => true);
    // Six donors are tested, three of each class; the first two trained, and keep their labels.
    expect(found).toMatchObject({ unit: 'donors', exhaustive: true, permutations: 20, metric: 'auroc' });
    expect(found?.p).toBeCloseTo(1 / 20, 12);
    expect(found?.smallestP).toBeCloseTo(1 / 20, 12);
    expect(found?.mean).toBeCloseTo(0.5, 12);
  });

  it('finds nothing in answers that know the cell and not the class', async () => {
    const found = await nullOf(donorsOf(8, 4), range(8, 32), (cell) => cell % 2 === 0);
    expect(found?.p).toBeGreaterThan(0.2);
  });

  it('shuffles within donors where a label varies inside one, and repeats from its seed', async () => {
    const donors = range(0, 3).map((i) => ({ name: `d${i}`, label: null, cells: 8 }));
    const found = await nullOf(donors, range(0, 24), () => true);
    expect(found).toMatchObject({ unit: 'cells-within-donors', exhaustive: false, permutations: 1000 });
    expect(found?.p).toBeCloseTo(1 / 1001, 12);
    expect(await nullOf(donors, range(0, 24), () => true)).toEqual(found);
  });

  it('is none where all test donors are of one class, or no permutation is asked for', async () => {
    const donors = [0, 1, 1, 1].map((label, i) => ({ name: `d${i}`, label, cells: 3 }));
    expect(await nullOf(donors, range(3, 12), () => true)).toBeNull();
    const none = { permutations: 0, seed: 1 };
    expect(await nullOf(donorsOf(6, 2), range(0, 12), () => true, none)).toBeNull();
  });

  it('can be cancelled', async () => {
    const aborted = AbortSignal.abort();
    await expect(nullOf(donorsOf(6, 2), range(0, 12), () => true, SETTINGS, aborted)).rejects.toBe(
      aborted.reason,
    );
  });
});
