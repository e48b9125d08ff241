import { describe, expect, it } from 'vitest';
import { lineOf } from '../../src/run/messages.ts';
import { browserOpener } from '../../src/run/model-opener.ts';
import { ModelStore, storeId } from '../../src/store/model-store.ts';
import { packageOf } from '../support/files.ts';
import { memoryDirectory } from '../support/memory-directory.ts';

const SEGMENT = 16;
const weights = Uint8Array.from({ length: 53 }, (_, i) => (37 * i + 11) % 251);
const source = packageOf({ 'config.json': '{"a": 1}', 'sub/model.safetensors': weights }, 'My model/ä');

async function* chunks(bytes: Uint8Array<ArrayBuffer>, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

describe('models in the browser storage', () => {
  it('keeps a package, lists it and reads any range of it again', async () => {
    const store = new ModelStore(memoryDirectory(), SEGMENT);
    const id = await store.put(source, 'ab'.repeat(32));
    expect(id).toBe(storeId('My model/ä', 'ab'.repeat(32)));
    expect(await store.list()).toMatchObject({
      models: [{ id, name: 'My model/ä', bytes: 61, sha256: 'ab'.repeat(32) }],
      setAside: [],
    });
    const { source: read } = await store.open(id);
    expect([...(await read.list())].sort()).toEqual(['config.json', 'sub/model.safetensors']);
    const file = await read.open('sub/model.safetensors');
    expect(file.size).toBe(53);
    for (const [offset, length] of [
      [0, 53],
      [15, 2],
      [16, 16],
      [30, 23],
      [52, 1],
      [7, 0],
    ]) {
      expect([...(await file.read(offset, length))]).toEqual([...weights.slice(offset, offset + length)]);
    }
    await expect(file.read(50, 4)).rejects.toThrow();
    expect(await store.put(source, 'ab'.repeat(32))).toBe(id);
    await store.delete(id);
    expect(await store.list()).toEqual({ models: [], setAside: [] });
    await expect(store.open(id)).rejects.toMatchObject({ code: 'store-gone' });
    await store.delete(id);
  });

  it('takes corrected files of a package with the same weights', async () => {
    const store = new ModelStore(memoryDirectory(), SEGMENT);
    await store.put(source, 'ab'.repeat(32));
    const mended = packageOf({ 'config.json': '{"a": 2}', 'sub/model.safetensors': weights }, 'My model/ä');
    const id = await store.put(mended, 'ab'.repeat(32));
    expect((await store.list()).models).toHaveLength(1);
    const config = await (await store.open(id)).source.open('config.json');
    expect(new TextDecoder().decode(await config.read(0, config.size))).toBe('{"a": 2}');
  });

  it('leaves nothing behind when there is no room', async () => {
    const store = new ModelStore(memoryDirectory({ bytes: 40 }), SEGMENT);
    await expect(store.put(source, 'cd'.repeat(32))).rejects.toMatchObject({ code: 'store-full' });
    expect(await store.list()).toEqual({ models: [], setAside: [] });
  });

  it('goes on after an interrupted download, from the last whole segment', async () => {
    const store = new ModelStore(memoryDirectory(), SEGMENT);
    const controller = new AbortController();
    async function* broken() {
      yield weights.slice(0, 40);
      controller.abort();
      yield weights.slice(40);
    }
    const first = await store.write('m');
    await expect(first.file('w', broken(), 0, { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await store.list()).toEqual({ models: [], setAside: [] });
    const second = await store.write('m');
    const there = await second.written('w');
    expect(there).toBe(32);
    expect(await second.file('w', chunks(weights.slice(there), 7), there)).toBe(53);
    await second.commit({ name: 'm', sha256: 'x', origin: 'http://there/' });
    const { source: read } = await store.open('m');
    expect([...(await (await read.open('w')).read(0, 53))]).toEqual([...weights]);
  });

  /** A store with one model whose record was changed so. */
  async function changed(change: (record: Record<string, unknown>) => unknown) {
    const folder = memoryDirectory();
    const store = new ModelStore(folder, SEGMENT);
    const id = await store.put(source, 'ab'.repeat(32));
    const handle = await (await folder.getDirectoryHandle(id)).getFileHandle('manifest.json');
    const record = JSON.parse(await (await handle.getFile()).text()) as Record<string, unknown>;
    const writable = await handle.createWritable();
    const after = change(record);
    await writable.write(typeof after === 'string' ? after : JSON.stringify(after));
    await writable.close();
    return { store, id, text: async () => (await handle.getFile()).text() };
  }

  it('a record of before versions were written is of version 1', async () => {
    const { store, id } = await changed(({ schema: _, ...rest }) => rest);
    expect((await store.list()).models).toMatchObject([{ id, name: 'My model/ä' }]);
    expect((await store.open(id)).model.sha256).toBe('ab'.repeat(32));
  });

  it('a model of another version is set aside: named, never read, never written over', async () => {
    const { store, id, text } = await changed((record) => ({
      ...record,
      schema: 'teddy-web/stored-model/2',
      files: { of: 'another shape' },
    }));
    expect(await store.list()).toEqual({
      models: [],
      setAside: [{ id, name: 'My model/ä', why: 'version' }],
    });
    const before = await text();
    const refused = { name: 'StoreError', code: 'store-version' };
    await expect(store.open(id)).rejects.toMatchObject(refused);
    await expect(store.put(source, 'ab'.repeat(32))).rejects.toMatchObject(refused);
    await expect(store.write(id)).rejects.toMatchObject(refused);
    expect(await text()).toBe(before);
    const open = browserOpener(async () => store);
    await expect(open({ kind: 'opfs', name: id }, {})).rejects.toMatchObject(refused);
    const said = await store.open(id).catch(lineOf);
    expect(said).toMatch(/^My model\/ä was stored by another version of teddy-web\. Use that version/);
    // The user may still remove it.
    await store.delete(id);
    expect(await store.put(source, 'ab'.repeat(32))).toBe(id);
  });

  it.each<[string, (record: Record<string, unknown>) => unknown, string | null]>([
    ['is no JSON', () => '{', null],
    ['is of the wrong type', (record) => ({ ...record, bytes: '61' }), 'My model/ä'],
    ['names files that are none', (record) => ({ ...record, files: [{ path: 3, size: -1 }] }), 'My model/ä'],
    ['has segments of no length', (record) => ({ ...record, segmentBytes: 0 }), 'My model/ä'],
    ['is as long as a file', (record) => ({ ...record, more: 'x'.repeat(2 ** 20) }), null],
  ])('a record that %s is set aside, until the model is stored again', async (_what, change, name) => {
    const { store, id } = await changed(change);
    expect(await store.list()).toEqual({ models: [], setAside: [{ id, name, why: 'damaged' }] });
    await expect(store.open(id)).rejects.toMatchObject({ code: 'store-gone' });
    expect(await store.put(source, 'ab'.repeat(32))).toBe(id);
    expect((await store.list()).models).toHaveLength(1);
  });
});
