import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/data/dataset.ts';
import { drawEqually, oneDonorWarning, selectRows } from '../../src/run/selection.ts';

const donors: Column = {
  kind: 'categorical',
  // 6 cells of a, 3 of b, 2 without a donor, 1 of c
  codes: Int32Array.of(0, 0, 0, 0, 0, 0, 1, 1, 1, -1, -1, 2),
  categories: ['a', 'b', 'c'],
  ordered: false,
};
const obs = async () => donors;

describe('which cells', () => {
  it('draws equally from the donors, in file order, the same again with the same seed', async () => {
    const draw = (count: number, seed: number) =>
      selectRows({ kind: 'random', count, seed, balanceBy: 'donor' }, 12, obs);
    const rows = await draw(8, 5);
    expect([...rows]).toEqual([...rows].sort((x, y) => x - y));
    expect(new Set(rows).size).toBe(8);
    const ofDonor = (from: number, to: number) => rows.filter((row) => row >= from && row < to).length;
    // c has one cell, those without a donor two: what they cannot give comes from a and b.
    expect(ofDonor(11, 12)).toBe(1);
    expect(ofDonor(9, 11)).toBe(2);
    expect([ofDonor(0, 6), ofDonor(6, 9)].sort()).toEqual([2, 3]);
    expect(await draw(8, 5)).toEqual(rows);
    const others = await Promise.all([6, 7, 8, 9].map((seed) => draw(8, seed)));
    expect(others.some((other) => other.join() !== rows.join())).toBe(true);
    expect((await draw(500, 1)).length).toBe(12);
  });

  it('spreads a remainder over groups at random', () => {
    const groups = [
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ];
    const first = new Set<number>();
    for (let seed = 0; seed < 30; seed++) first.add(Math.floor(drawEqually(groups, 1, seed)[0] / 3));
    expect([...first].sort()).toEqual([0, 1, 2]);
  });

  it('takes the first, all, or those of chosen values, and says when there are none', async () => {
    expect([...(await selectRows({ kind: 'first', count: 3 }, 12, obs))]).toEqual([0, 1, 2]);
    expect((await selectRows({ kind: 'all' }, 12, obs)).length).toBe(12);
    const some = await selectRows({ kind: 'values', column: 'donor', values: ['b', 'c'] }, 12, obs);
    expect([...some]).toEqual([6, 7, 8, 11]);
    await expect(
      selectRows({ kind: 'values', column: 'donor', values: ['z'] }, 12, obs),
    ).rejects.toMatchObject({
      code: 'no-cells-chosen',
    });
  });

  it('warns when the chosen cells are of one donor though the file has several', () => {
    expect(oneDonorWarning(donors, Uint32Array.of(0, 1, 2))).toContain('one donor (a)');
    expect(oneDonorWarning(donors, Uint32Array.of(0, 6))).toBeNull();
    const partly: Column = { ...donors, codes: Int32Array.of(0, -1, 0, 1) };
    expect(oneDonorWarning(partly, Uint32Array.of(0, 1, 2))).toContain('one donor (a)');
    expect(oneDonorWarning(partly, Uint32Array.of(1))).toBeNull();
    const alone: Column = { ...donors, codes: new Int32Array(4) };
    expect(oneDonorWarning(alone, Uint32Array.of(0, 1))).toBeNull();
  });
});
