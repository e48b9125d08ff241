import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseTrainConfig } from '../../src/train/config.ts';
import { planDonorSets } from '../../src/train/donor-sets.ts';
import { tinyCells, tinyTrainConfig } from './support.ts';

describe('a share of the training cells', () => {
  const config = tinyTrainConfig();
  const cells = tinyCells(400, 10);
  const whole = planDonorSets(cells, config);
  const trainOf = (trainingShare: number, seed = config.seed, of = cells) =>
    Array.from(planDonorSets(of, { ...config, trainingShare, seed }).train);
  const byDonor = (train: readonly number[]) => {
    const counts = new Map<number, number>();
    for (const cell of train)
      counts.set(cells.donors.codes[cell], (counts.get(cells.donors.codes[cell]) ?? 0) + 1);
    return counts;
  };

  it('is of every training donor, and a smaller one a part of a larger one', () => {
    const all = byDonor(Array.from(whole.train));
    const half = trainOf(0.5);
    const quarter = trainOf(0.25);
    expect(quarter.every((cell) => half.includes(cell))).toBe(true);
    expect(half.every((cell) => whole.train.includes(cell))).toBe(true);
    for (const [share, train] of [
      [0.25, quarter],
      [0.5, half],
    ] as const) {
      const counts = byDonor(train);
      for (const [donor, n] of all) expect(counts.get(donor)).toBe(Math.round(share * n));
      expect(train).toEqual([...train].sort((a, b) => a - b));
    }
    expect(byDonor(trainOf(0.001)).size).toBe(all.size);
  });

  it('is drawn by the seed alone, and leaves validation and test as they are', () => {
    const split = {
      kind: 'donors',
      validation: { study: ['D1'] },
      test: { study: ['D2', 'D3'] },
      leftOut: {},
    } as const;
    const plan = (seed: number) => planDonorSets(cells, { ...config, split, trainingShare: 0.25, seed });
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1).train).not.toEqual(plan(2).train);
    expect(plan(1).test).toEqual(plan(2).test);
    const { validation, test, donors } = planDonorSets(cells, { ...config, split });
    expect(plan(1)).toMatchObject({ validation, test, donors });
    expect(plan(1).notices.at(-1)).toMatch(/25 % of the cells train, drawn by the seed: \d+ of \d+ in all\./);
  });

  it('is of the cells of a study that names no donors, too', () => {
    const nameless = {
      ...cells,
      sources: cells.sources.map((source) => ({ ...source, hasDonors: false })),
      donors: { names: [], studies: [], seen: [], codes: cells.donors.codes.map(() => -1) },
    };
    const labelled = planDonorSets(nameless, config).train.length;
    expect(trainOf(0.5, 1, nameless).length).toBe(Math.round(labelled / 2));
  });

  it('is all of them as 1, and where a configuration has none it stays one that has none', () => {
    expect(planDonorSets(cells, { ...config, trainingShare: 1 })).toEqual(whole);
    expect(JSON.stringify(parseTrainConfig(config))).toBe(JSON.stringify(config));
    expect(JSON.stringify(config)).not.toContain('trainingShare');
    for (const name of ['teddy-g-demo', 'teddy-x-demo', 'study-x']) {
      const path = new URL(`../../models/training/${name}.json`, import.meta.url);
      const json: unknown = JSON.parse(readFileSync(path, 'utf8'));
      expect(JSON.stringify(parseTrainConfig(json))).toBe(JSON.stringify(json));
    }
    for (const trainingShare of [0, 1.5, null])
      expect(() => parseTrainConfig({ ...config, trainingShare })).toThrow(/trainingShare/);
  });
});
