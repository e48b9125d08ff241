import { describe, expect, it } from 'vitest';
import { countOpening } from '../../src/run/test-openings.ts';
import type { KeptRecords } from '../../src/store/kept-records.ts';
import type { TrainConfig } from '../../src/train/config.ts';
import { planDonorSets } from '../../src/train/donor-sets.ts';
import { tinyCells, tinyTrainConfig } from '../train/support.ts';

function recordsInMemory(): KeptRecords & { readonly kept: Map<string, unknown> } {
  const kept = new Map<string, unknown>();
  return {
    kept,
    read: async (key) => structuredClone(kept.get(key) ?? null),
    write: async (key, record) => void kept.set(key, structuredClone(record)),
  };
}

const labelAlone = { kind: 'finetune', annotation: 'stim', masked: 0, otherHeads: 'keep' } as const;

function taskOf(test: readonly string[], changes: Partial<TrainConfig> = {}) {
  const config = tinyTrainConfig({
    objective: labelAlone,
    split: { kind: 'donors', validation: {}, test: { study: test }, leftOut: {} },
    ...changes,
  });
  const cells = tinyCells(40, 8);
  const labels = config.objective.kind === 'finetune' ? cells.labels : {};
  return { config, labels, sets: planDonorSets(cells, config) };
}

const ofColumn = (column: string) => ({
  data: tinyTrainConfig().data.map((study) => ({
    ...study,
    labels: { stim: { column, table: { ctrl: 'ctrl', stim: 'stim' } } },
  })),
});

describe('test donors that are opened', () => {
  it('again are said to be, with how often before, whatever else the configuration is', async () => {
    const records = recordsInMemory();
    expect(await countOpening(taskOf(['D1', 'D2']), records)).toBeNull();
    expect(await countOpening(taskOf(['D2', 'D1'], { seed: 99, epochs: 7 }), records)).toBe(
      '2 of 2 test donors were opened before on this machine for this label (up to 1 time): the best of several figures is too kind.',
    );
    expect(await countOpening(taskOf(['D1', 'D2']), records)).toMatch(/\(up to 2 times\)/);
  });

  it('are known one by one, among other donors too', async () => {
    const records = recordsInMemory();
    await countOpening(taskOf(['D1', 'D2']), records);
    await countOpening(taskOf(['D1', 'D3']), records);
    expect(await countOpening(taskOf(['D1', 'D3', 'D4']), records)).toMatch(
      /^2 of 3 test donors were opened before on this machine for this label \(up to 2 times\):/,
    );
    expect(await countOpening(taskOf(['D4', 'D5']), records)).toMatch(/^1 of 2 test donors was .*1 time\)/);
  });

  it('are told from other donors, other columns and other studies', async () => {
    const records = recordsInMemory();
    await countOpening(taskOf(['D1', 'D2']), records);
    expect(await countOpening(taskOf(['D3', 'D4']), records)).toBeNull();
    expect(await countOpening(taskOf(['D1', 'D2'], ofColumn('other')), records)).toBeNull();
    const task = taskOf(['D1', 'D2']);
    const renamed = {
      ...task,
      config: { ...task.config, data: task.config.data.map((one) => ({ ...one, study: 'again' })) },
      sets: { ...task.sets, donors: task.sets.donors.map((place) => ({ ...place, study: 'again' })) },
    };
    expect(await countOpening(renamed, records)).toBeNull();
  });

  it('are counted for hidden tokens by themselves', async () => {
    const records = recordsInMemory();
    const hidden = { objective: { kind: 'pretrain', masked: 1, annotations: {} } } as const;
    expect(await countOpening(taskOf(['D1', 'D2']), records)).toBeNull();
    expect(await countOpening(taskOf(['D1', 'D2'], hidden), records)).toBeNull();
    expect(await countOpening(taskOf(['D2', 'D3'], hidden), records)).toBe(
      '1 of 2 test donors was opened before on this machine for hidden tokens (up to 1 time): the best of several figures is too kind.',
    );
    const both = { objective: { ...labelAlone, masked: 0.5 } };
    expect(await countOpening(taskOf(['D1', 'D3'], both), records)).toMatch(
      /^1 of 2 test donors was opened before .* for this label \(up to 1 time\), 2 of 2 test donors were .* for hidden tokens/,
    );
  });

  it('leave a hash for each, that no other machine has, and no name', async () => {
    const [here, there] = [recordsInMemory(), recordsInMemory()];
    for (const records of [here, there]) await countOpening(taskOf(['D1', 'D2']), records);
    const keys = ({ kept }: typeof here) => [...kept.keys()].filter((key) => key !== 'salt');
    const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(keys(here)).toEqual([hash, hash]);
    expect(keys(here).some((key) => keys(there).includes(key))).toBe(false);
    expect(JSON.stringify([...here.kept])).not.toMatch(/D1|study|stim/);
  });

  it('end no run where nothing can be kept, and are said to be unknown', async () => {
    const none = async () => Promise.reject(new DOMException('no room', 'QuotaExceededError'));
    const unknown = /opened before is not known, since the count could not be read or written/;
    const task = taskOf(['D1']);
    expect(await countOpening(task, { read: none, write: none })).toMatch(unknown);
    expect(await countOpening(task, { read: async () => null, write: none })).toMatch(unknown);
  });

  it('are not counted over what another version keeps', async () => {
    const records = recordsInMemory();
    const later = { schema: 'teddy-web/test-openings/2', salt: 7 };
    records.kept.set('salt', later);
    const unknown = /not known, since the count on this machine is of another version/;
    expect(await countOpening(taskOf(['D1']), records)).toMatch(unknown);
    expect([...records.kept]).toEqual([['salt', later]]);
    records.kept.delete('salt');
    await countOpening(taskOf(['D1']), records);
    const [, key] = records.kept.keys();
    records.kept.set(key, later);
    const kept = [...records.kept];
    expect(await countOpening(taskOf(['D1', 'D2']), records)).toMatch(unknown);
    expect([...records.kept]).toEqual(kept);
  });
});
