import { describe, expect, it } from 'vitest';
import { BrowserCheckpointStore } from '../../src/store/checkpoint-store.ts';
import { memoryDirectory } from '../support/memory-directory.ts';

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (37 * i + 11) % 251);

describe('checkpoints in the browser', () => {
  it('are replaced whole, read in parts and removed', async () => {
    const root = memoryDirectory();
    const store = new BrowserCheckpointStore(async () => root);
    expect(await store.keys()).toEqual([]);
    expect(await store.open('a')).toBeNull();
    await store.write('b', bytes(53));
    await store.write('a', bytes(9));
    await store.write('b', bytes(31));
    expect(await store.keys()).toEqual(['a', 'b']);
    const source = await store.open('b');
    expect(source?.size).toBe(31);
    expect(await source?.read(7, 20)).toEqual(bytes(31).slice(7, 27));
    await expect(source?.read(20, 20)).rejects.toMatchObject({ name: 'ShortReadError' });
    await store.remove('b');
    await store.remove('b');
    expect(await store.keys()).toEqual(['a']);
  });

  it('stay as they were where there is no room for the next', async () => {
    const room = { bytes: 60 };
    const root = memoryDirectory(room);
    const store = new BrowserCheckpointStore(async () => root);
    await store.write('a', bytes(50));
    await expect(store.write('a', bytes(40))).rejects.toMatchObject({ code: 'store-full' });
    expect((await store.open('a'))?.size).toBe(50);
  });

  it('are none where the browser keeps no files, and say so only when one is to be written', async () => {
    const store = new BrowserCheckpointStore(async () => null);
    expect(await store.keys()).toEqual([]);
    expect(await store.open('a')).toBeNull();
    await store.remove('a');
    await expect(store.write('a', bytes(3))).rejects.toMatchObject({ code: 'store-absent' });
  });
});
