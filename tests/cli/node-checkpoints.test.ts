import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { folderCheckpoints } from '../../src/cli/node-checkpoints.ts';

const folder = mkdtempSync(join(tmpdir(), 'teddy-checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('checkpoints are files of a folder that need not be there yet, replaced whole', async () => {
  const place = join(folder, 'deep', 'er');
  const store = folderCheckpoints(place);
  expect(await store.keys()).toEqual([]);
  expect(await store.open('a')).toBe(null);
  await store.remove('a');
  await store.write('a', Uint8Array.of(1, 2, 3));
  await store.write('b', Uint8Array.of(4));
  await store.write('a', Uint8Array.of(5, 6));
  writeFileSync(join(place, 'note.txt'), 'of somebody else');
  expect([...(await store.keys())].sort()).toEqual(['a', 'b']);
  const source = await store.open('a');
  expect(source?.size).toBe(2);
  expect(await source?.read(0, 2)).toEqual(Uint8Array.of(5, 6));
  await store.remove('a');
  expect(await store.keys()).toEqual(['b']);
  expect(readdirSync(place).filter((name) => name.endsWith('.part'))).toEqual([]);
});
