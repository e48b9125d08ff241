import { afterEach, describe, expect, it, vi } from 'vitest';
import { indexedRecords } from '../../src/store/indexed-records.ts';

type Handlers = { onsuccess?: () => void; onerror?: () => void; onupgradeneeded?: () => void };

/** As much of IndexedDB as one store of records needs: requests that settle later, a schema made once. */
function fakeIndexedDb() {
  const databases = new Map<string, Map<string, unknown> | null>();
  let open = 0;
  const later = <T>(result: T, before?: (request: Handlers & { result: T }) => void) => {
    const request: Handlers & { result: T } = { result };
    queueMicrotask(() => {
      before?.(request);
      request.onsuccess?.();
    });
    return request;
  };
  const factory = {
    open(name: string) {
      const present = databases.has(name);
      if (!present) databases.set(name, null);
      open++;
      const database = {
        createObjectStore: () => databases.set(name, new Map()),
        transaction: () => ({
          objectStore: () => ({
            get: (key: string) => later(databases.get(name)?.get(key)),
            put: (value: unknown, key: string) =>
              later(databases.get(name)?.set(key, structuredClone(value)) && key),
          }),
        }),
        close: () => open--,
      };
      return later(database, (request) => {
        if (!present) request.onupgradeneeded?.();
      });
    },
  };
  return { factory, open: () => open };
}

afterEach(() => vi.unstubAllGlobals());

describe('records in IndexedDB', () => {
  it('are read as written, by key and database, and no database stays open', async () => {
    const fake = fakeIndexedDb();
    vi.stubGlobal('indexedDB', fake.factory);
    const records = indexedRecords('one');
    expect(await records.read('a')).toBeNull();
    await records.write('a', { table: { shape: 'tile' } });
    await records.write('b', 7);
    expect(await indexedRecords('one').read('a')).toEqual({ table: { shape: 'tile' } });
    expect(await indexedRecords('two').read('a')).toBeNull();
    expect(fake.open()).toBe(0);
  });

  it('fail where the browser gives no storage', async () => {
    const error = new Error('denied');
    vi.stubGlobal('indexedDB', {
      open() {
        const request: Handlers & { error: Error } = { error };
        queueMicrotask(() => request.onerror?.());
        return request;
      },
    });
    await expect(indexedRecords('one').read('a')).rejects.toThrow('denied');
  });
});
