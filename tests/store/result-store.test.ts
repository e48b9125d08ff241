import { describe, expect, it } from 'vitest';
import { setAsideNote } from '../../src/run/messages.ts';
import { ResultStore } from '../../src/store/result-store.ts';
import { memoryDirectory } from '../support/memory-directory.ts';

const about = { fileName: 'blood_teddy.h5ad', cells: 37, model: 'teddy-fake' };
const bytes = Uint8Array.from({ length: 53 }, (_, i) => (37 * i + 11) % 251);

describe('results the user keeps', () => {
  it('are listed newest first, read back and deleted', async () => {
    const store = new ResultStore(memoryDirectory());
    const first = await store.put({ ...about, keptAt: '2026-01-01T00:00:00Z' }, bytes);
    const second = await store.put({ ...about, keptAt: '2026-02-01T00:00:00Z' }, bytes.slice(9));
    expect((await store.list()).kept.map(({ id, bytes: size }) => [id, size])).toEqual([
      [second, 44],
      [first, 53],
    ]);
    expect(new Uint8Array(await (await store.read(first)).arrayBuffer())).toEqual(bytes);
    await store.delete(first);
    await store.delete(first);
    expect((await store.list()).kept.map(({ id }) => id)).toEqual([second]);
    await expect(store.read(first)).rejects.toMatchObject({ code: 'results-gone' });
  });

  it('leave nothing behind when there is no room', async () => {
    const store = new ResultStore(memoryDirectory({ bytes: 40 }));
    await expect(store.put({ ...about, keptAt: '2026-01-01T00:00:00Z' }, bytes)).rejects.toMatchObject({
      code: 'store-full',
    });
    expect(await store.list()).toEqual({ kept: [], setAside: [] });
  });

  it.each([
    ['of another version', { ...about, schema: 'teddy-web/kept-results/2' }, 'version', about.fileName],
    ['of another version and shape', { schema: 2, file: 'x' }, 'version', null],
    ['damaged', { ...about, cells: -1 }, 'damaged', about.fileName],
    ['that are not JSON', null, 'damaged', null],
  ])('%s are set aside: named, not offered, not removed', async (_what, record, why, name) => {
    const folder = memoryDirectory();
    const store = new ResultStore(folder);
    const id = await store.put({ ...about, keptAt: '2026-01-01T00:00:00Z' }, bytes);
    const handle = await (await folder.getDirectoryHandle(id)).getFileHandle('about.json');
    const writable = await handle.createWritable();
    await writable.write(record === null ? '{' : JSON.stringify(record));
    await writable.close();
    expect(await store.list()).toEqual({ kept: [], setAside: [{ id, name, why }] });
    expect((await store.read(id)).size).toBe(bytes.length);
  });

  it('of before versions were written are of version 1', async () => {
    const folder = memoryDirectory();
    const store = new ResultStore(folder);
    const id = await store.put({ ...about, keptAt: '2026-01-01T00:00:00Z' }, bytes);
    const handle = await (await folder.getDirectoryHandle(id)).getFileHandle('about.json');
    const { schema, ...before } = JSON.parse(await (await handle.getFile()).text()) as Record<
      string,
      unknown
    >;
    expect(schema).toBe('teddy-web/kept-results/1');
    const writable = await handle.createWritable();
    await writable.write(JSON.stringify(before));
    await writable.close();
    expect((await store.list()).kept).toMatchObject([{ id, ...about, bytes: bytes.length }]);
  });
});

it('what is set aside is said in a sentence', () => {
  const one = { id: 'a', name: 'blood.h5ad', why: 'version' } as const;
  expect(setAsideNote('result', [])).toBeNull();
  expect(setAsideNote('result', [one])).toBe(
    '1 kept result (blood.h5ad) was stored by another version of teddy-web. It is set aside, neither used nor removed.',
  );
  expect(setAsideNote('model', [one, { ...one, name: null }, { ...one, why: 'damaged' }])).toBe(
    '2 kept models (blood.h5ad, a) were stored by another version of teddy-web. They are set aside, neither used ' +
      'nor removed. 1 kept model (blood.h5ad) cannot be read: its record is damaged. It is set aside, neither used ' +
      'nor removed.',
  );
});
