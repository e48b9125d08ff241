import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseTrainConfig } from '../../src/train/config.ts';
import { planDonorSets } from '../../src/train/donor-sets.ts';
import { prepareTask } from '../../src/train/prepare.ts';
import { drawTrainingShare, sharePercent } from '../../src/train/training-share.ts';
import type { DonorCells } from '../../src/train/types.ts';
import { tinyCells, tinyModel, tinyTrainConfig } from './support.ts';

describe('a share of the training cells', () => {
  const objective = { kind: 'pretrain', masked: 1, annotations: { stim: 1 } } as const;
  const config = tinyTrainConfig({ objective });
  const cells = tinyCells(400, 10);
  const whole = planDonorSets(cells, config);
  const drawn = (share: number, given = config, of: DonorCells = cells) =>
    drawTrainingShare(of, planDonorSets(of, given), share, given.seed);
  const trainOf = (share: number) => Array.from(drawn(share).train);
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
    const plan = (seed: number) => drawn(0.25, { ...config, split, seed });
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
    const all = planDonorSets(nameless, config).train.length;
    expect(drawn(0.5, config, nameless).train.length).toBe(Math.round(all / 2));
  });

  it('is all of them as 1, and where a configuration has none it stays one that has none', () => {
    expect(drawn(1)).toEqual(whole);
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

  it('changes neither the classes of the heads nor the tested cells', () => {
    const classes = ['ctrl', 'stim', 'rare'];
    const codes = cells.labels.stim.codes.slice();
    codes[whole.train[0]] = 2;
    const task = (changes: object) =>
      prepareTask(
        { ...config, ...changes },
        { ...tinyModel(), name: 'base' },
        {
          ...cells,
          labels: { stim: { classes, codes } },
        },
      );
    const [all, few] = [task({}), task({ trainingShare: 0.05 })];
    expect(few.sets.train.length).toBeLessThan(all.sets.train.length / 10);
    expect(few.sets.train).not.toContain(whole.train[0]);
    expect(few.model.config.annotations.stim).toEqual(classes);
    expect(few.labels).toEqual(all.labels);
    expect(few.sets.test).toEqual(all.sets.test);
    expect(few.sets.notices).toContain('The share has no cell of these classes of stim: rare.');
    expect(all.sets.notices.join()).not.toContain('rare');
  });

  it('is written without the digits of binary fractions', () => {
    expect([0.07, 0.29, 0.125, 1 / 3, 0.001, 1].map(sharePercent)).toEqual([
      ...['7 %', '29 %', '12.5 %', '33.33 %', '0.1 %', '100 %'],
    ]);
  });
});
