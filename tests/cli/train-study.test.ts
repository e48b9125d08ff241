import { expect, it } from 'vitest';
import { embeddedModelFolder } from '../../src/cli/node-environment.ts';
import { readStudy } from '../../src/cli/train-study.ts';
import { defaultStudy } from '../../src/run/train-defaults.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import { describeShared, sharedPath } from '../support/shared.ts';

describeShared('a study read for the command line', () => {
  const file = sharedPath('data', 'disease', 'kang_harmony_2000_raw.h5ad');
  const location = { kind: 'directory', path: embeddedModelFolder() } as const;
  const goesOn: TrainConfig['base'] = { kind: 'package', name: 'base', sha256: '' };
  // Of this model nobody wrote down the donors, and the file has other names for them.
  const base = { name: 'base', training: null };

  it('knows donors whose cells the base model was trained on, whatever they are called', async () => {
    const study = {
      ...defaultStudy('renamed', [file]),
      cells: { kind: 'first', count: 40 },
      donorColumn: 'condition',
    } as const;
    const config = { base: goesOn, expressionBaseline: false };
    const read = await readStudy(config, study, null, { base, location }, () => undefined, {});
    const { donors, seen } = read.study;
    expect(donors?.names.length).toBeGreaterThan(0);
    expect(seen).toEqual(donors?.names.map(() => 1));
    expect(read.notices.join('\n')).toMatch(/^renamed: .*cells .*trained on/m);
  });
});
