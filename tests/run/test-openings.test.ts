import { describe, expect, it } from 'vitest';
import { countOpening, type KeptRecords } from '../../src/run/test-openings.ts';
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

function taskOf(test: readonly string[], changes: Partial<TrainConfig> = {}) {
  const config = tinyTrainConfig({
    split: { kind: 'donors', validation: {}, test: { study: test }, leftOut: {} },
    ...changes,
  });
  const cells = tinyCells(40, 8);
  return { config, labels: cells.labels, sets: planDonorSets(cells, config) };
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
      'These test donors were opened 1 time before on this machine for the same label: the best of several figures is too kind.',
    );
    expect(await countOpening(taskOf(['D1', 'D2']), records)).toMatch(/opened 2 times before/);
  });

  it('are told from other donors and other columns', async () => {
    const records = recordsInMemory();
    await countOpening(taskOf(['D1', 'D2']), records);
    expect(await countOpening(taskOf(['D1', 'D3']), records)).toBeNull();
    expect(await countOpening(taskOf(['D1', 'D2'], ofColumn('other')), records)).toBeNull();
  });

  it('leave a hash that no other machine has, and no name', async () => {
    const [here, there] = [recordsInMemory(), recordsInMemory()];
    for (const records of [here, there]) await countOpening(taskOf(['D1', 'D2']), records);
    const keys = ({ kept }: typeof here) => [...kept.keys()].filter((key) => key !== 'salt');
    expect(keys(here)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(keys(here)).not.toEqual(keys(there));
    expect(JSON.stringify([...here.kept])).not.toMatch(/D1|study|stim/);
  });

  it('end no run where nothing can be kept, and are said to be unknown', async () => {
    const none = async () => Promise.reject(new DOMException('no room', 'QuotaExceededError'));
    const unknown = /opened before is not known/;
    const task = taskOf(['D1']);
    expect(await countOpening(task, { read: none, write: none })).toMatch(unknown);
    expect(await countOpening(task, { read: async () => null, write: none })).toMatch(unknown);
  });

  it('are not counted over what another version keeps', async () => {
    const records = recordsInMemory();
    const later = { schema: 'teddy-web/test-openings/2', salt: 7 };
    records.kept.set('salt', later);
    expect(await countOpening(taskOf(['D1']), records)).toMatch(/not known/);
    expect([...records.kept]).toEqual([['salt', later]]);
  });
});
