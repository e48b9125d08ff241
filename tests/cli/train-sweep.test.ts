import { describe, expect, it } from 'vitest';
import { trainCommand } from '../../src/cli/train-arguments.ts';
import { sweepOf } from '../../src/cli/train-sweep.ts';
import { tinyTrainConfig } from '../train/support.ts';

describe('a sweep', () => {
  const config = tinyTrainConfig({ objective: { kind: 'pretrain', masked: 1, annotations: { stim: 1 } } });

  it('has a configuration for each weight and seed, under a name of its own', () => {
    const variants = sweepOf(config, { lambdas: [0, 0.5], shares: [], seeds: [1, 2] });
    expect(variants.map(({ name, seed, objective }) => [name, seed, objective])).toEqual(
      [0, 0.5].flatMap((stim) =>
        [1, 2].map((seed) => [
          `tiny-lambda-${stim}-seed-${seed}`,
          seed,
          { kind: 'pretrain', masked: 1, annotations: { stim } },
        ]),
      ),
    );
    expect(sweepOf(config, { lambdas: [], shares: [], seeds: [] })).toEqual([config]);
    expect(() => sweepOf(tinyTrainConfig(), { lambdas: [1], shares: [], seeds: [] })).toThrow(RangeError);
  });

  it('has a configuration for each share of the cells, and none speaks of shares without one', () => {
    const variants = sweepOf(config, { lambdas: [1], shares: [0.25, 1], seeds: [3] });
    expect(variants.map(({ name, trainingShare }) => [name, trainingShare])).toEqual([
      ['tiny-lambda-1-share-0.25-seed-3', 0.25],
      ['tiny-lambda-1-share-1-seed-3', 1],
    ]);
    const [without] = sweepOf(config, { lambdas: [1], shares: [], seeds: [3] });
    expect(without).not.toHaveProperty('trainingShare');
    expect(() => sweepOf(tinyTrainConfig(), { lambdas: [], shares: [0.5], seeds: [] })).toThrow(
      'a share of the cells is of pre-training',
    );
  });

  it('says how it was typed, without the folders of the machine it was typed on', () => {
    const absolute = [
      '/home/ann/patients/cells 1.h5ad',
      '--label',
      'state',
      '--out=/mnt/x/model',
      '--resume',
    ];
    expect(trainCommand('finetune', absolute).typed).toBe(
      "npx teddy-web finetune 'cells 1.h5ad' --label state --out=model",
    );
    const relative = ['--config', 'models/training/g.json', '--data', '../data', '--lambda', '0,1'];
    expect(trainCommand('pretrain', relative).typed).toBe(`npx teddy-web pretrain ${relative.join(' ')}`);
    expect(trainCommand('finetune', ['~/a/b.h5ad', '--label', 'C:\\data\\x']).typed).toBe(
      'npx teddy-web finetune b.h5ad --label x',
    );
  });

  it('is read from the arguments of pretrain', () => {
    const { sweep } = trainCommand('pretrain', ['--config', 'c.json', '--lambda', '0,0.1,1', '--seeds', '4']);
    expect(sweep).toEqual({ lambdas: [0, 0.1, 1], shares: [], seeds: [4] });
    const { sweep: curve } = trainCommand('pretrain', ['--config', 'c.json', '--share', '0.25,1']);
    expect(curve).toEqual({ lambdas: [], shares: [0.25, 1], seeds: [] });
    for (const odd of [
      ['--share', '0'],
      ['--share', '25'],
      ['--lambda=-1'],
      ['--lambda', '1,,2'],
      ['--seeds', '1.5'],
      ['--seeds', 'x'],
    ])
      expect(() => trainCommand('pretrain', ['--config', 'c.json', ...odd])).toThrow(/separated by commas/);
    expect(() => trainCommand('finetune', ['--config', 'c.json', '--lambda', '1'])).toThrow();
  });
});
