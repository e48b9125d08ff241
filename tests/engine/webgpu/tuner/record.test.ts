import { describe, expect, it } from 'vitest';
import {
  adapterIdentity,
  readTable,
  type TuningStore,
  writeTable,
} from '../../../../src/engine/webgpu/tuner/record.ts';

function memoryStore() {
  const records = new Map<string, unknown>();
  const store: TuningStore = {
    read: async (key) => records.get(key) ?? null,
    write: async (key, record) => void records.set(key, structuredClone(record)),
  };
  return { records, store };
}

const limits = {
  maxBufferSize: 1,
  maxStorageBufferBindingSize: 2,
  maxComputeWorkgroupStorageSize: 3,
  maxComputeInvocationsPerWorkgroup: 4,
};
const adapter = (fingerprint: string, features: readonly string[], more: Partial<typeof limits> = {}) =>
  ({
    fingerprint,
    features: new Set(features),
    device: { limits: { ...limits, ...more } },
  }) as unknown as Parameters<typeof adapterIdentity>[0];

describe('a remembered table', () => {
  it('is that of the adapter, its features, its limits, and of the browser where it has no name', async () => {
    const identities = [
      adapterIdentity(adapter('nvidia|ada||', ['subgroups']), 'Firefox'),
      adapterIdentity(adapter('nvidia|ada||', ['subgroups', 'shader-f16']), 'Firefox'),
      adapterIdentity(adapter('nvidia|ada||', ['subgroups'], { maxBufferSize: 9 }), 'Firefox'),
      adapterIdentity(adapter('|||', []), 'Firefox 153'),
      adapterIdentity(adapter('|||', []), 'Firefox 154'),
    ];
    expect(new Set(identities).size).toBe(identities.length);
    const { store } = memoryStore();
    for (const [i, identity] of identities.entries()) await writeTable(store, identity, { shape: `v${i}` });
    for (const [i, identity] of identities.entries())
      expect(await readTable(store, identity)).toEqual({ table: { shape: `v${i}` }, unread: false });
    // A browser's version says nothing of an adapter that names itself.
    const named = adapter('nvidia|ada||', ['subgroups']);
    expect(adapterIdentity(named, 'Chrome')).toBe(identities[0]);
    expect(adapterIdentity(adapter('nvidia|ada||', ['shader-f16', 'subgroups']), '')).toBe(identities[1]);
  });

  it.each([
    ['of another schema', (record: object) => ({ ...record, schema: 'teddy-web/tuning/0' })],
    ['of an adapter of the same hash', (record: object) => ({ ...record, adapter: 'another' })],
    ['that is not a table', (record: object) => ({ ...record, table: 7 })],
    ['that names no variants', (record: object) => ({ ...record, table: { shape: 7 } })],
    ['of names without end', (record: object) => ({ ...record, table: { shape: 'x'.repeat(10_001) } })],
    ['that is text', () => 'teddy-web/tuning/1'],
  ])('%s is set aside, and that is told', async (_, change) => {
    const { records, store } = memoryStore();
    await writeTable(store, 'this', { shape: 'tile' });
    for (const [key, record] of records) records.set(key, change(record as object));
    expect(await readTable(store, 'this')).toEqual({ table: {}, unread: true });
  });

  it('that is not there is nothing to tell of', async () => {
    expect(await readTable(memoryStore().store, 'this')).toEqual({ table: {}, unread: false });
  });

  it('that can be neither read nor written costs nothing but itself', async () => {
    const broken: TuningStore = {
      read: () => Promise.reject(new Error('no storage')),
      write: () => Promise.reject(new Error('no storage')),
    };
    await writeTable(broken, 'this', {});
    expect((await readTable(broken, 'this')).table).toEqual({});
  });
});
