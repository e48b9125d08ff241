import { describe, expect, it } from 'vitest';
import { ResultStore } from '../../src/store/result-store.ts';
import { memoryDirectory } from '../support/memory-directory.ts';

const about = { fileName: 'blood_teddy.h5ad', cells: 37, model: 'teddy-fake' };
const bytes = Uint8Array.from({ length: 53 }, (_, i) => (37 * i + 11) % 251);

describe('results the user keeps', () => {
  it('are listed newest first, read back and deleted', async () => {
    const store = new ResultStore(memoryDirectory());
    const first = await store.put({ ...about, keptAt: '2026-01-01T00:00:00Z' }, bytes);
    const second = await store.put({ ...about, keptAt: '2026-02-01T00:00:00Z' }, bytes.slice(9));
    expect((await store.list()).map(({ id, bytes: size }) => [id, size])).toEqual([
      [second, 44],
      [first, 53],
    ]);
    expect(new Uint8Array(await (await store.read(first)).arrayBuffer())).toEqual(bytes);
    await store.delete(first);
    await store.delete(first);
    expect((await store.list()).map(({ id }) => id)).toEqual([second]);
    await expect(store.read(first)).rejects.toMatchObject({ code: 'results-gone' });
  });

  it('leave nothing behind when there is no room', async () => {
    const store = new ResultStore(memoryDirectory({ bytes: 40 }));
    await expect(store.put({ ...about, keptAt: '2026-01-01T00:00:00Z' }, bytes)).rejects.toMatchObject({
      code: 'store-full',
    });
    expect(await store.list()).toEqual([]);
  });
});
