import { describe, expect, it } from 'vitest';
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
    expect(await store.list()).toMatchObject([
      { id, name: 'My model/ä', bytes: 61, sha256: 'ab'.repeat(32) },
    ]);
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
    expect(await store.list()).toEqual([]);
    await expect(store.open(id)).rejects.toMatchObject({ code: 'store-gone' });
    await store.delete(id);
  });

  it('takes corrected files of a package with the same weights', async () => {
    const store = new ModelStore(memoryDirectory(), SEGMENT);
    await store.put(source, 'ab'.repeat(32));
    const mended = packageOf({ 'config.json': '{"a": 2}', 'sub/model.safetensors': weights }, 'My model/ä');
    const id = await store.put(mended, 'ab'.repeat(32));
    expect(await store.list()).toHaveLength(1);
    const config = await (await store.open(id)).source.open('config.json');
    expect(new TextDecoder().decode(await config.read(0, config.size))).toBe('{"a": 2}');
  });

  it('leaves nothing behind when there is no room', async () => {
    const store = new ModelStore(memoryDirectory({ bytes: 40 }), SEGMENT);
    await expect(store.put(source, 'cd'.repeat(32))).rejects.toMatchObject({ code: 'store-full' });
    expect(await store.list()).toEqual([]);
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
    expect(await store.list()).toEqual([]);
    const second = await store.write('m');
    const there = await second.written('w');
    expect(there).toBe(32);
    expect(await second.file('w', chunks(weights.slice(there), 7), there)).toBe(53);
    await second.commit({ name: 'm', sha256: 'x', origin: 'http://there/' });
    const { source: read } = await store.open('m');
    expect([...(await (await read.open('w')).read(0, 53))]).toEqual([...weights]);
  });
});
