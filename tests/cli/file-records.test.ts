import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { cacheFolder, fileRecords } from '../../src/cli/file-records.ts';

const folder = mkdtempSync(join(tmpdir(), 'teddy-records-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('records in files', () => {
  it('are read as written, and leave nothing beside them', async () => {
    const records = fileRecords(join(folder, 'deep', 'er'));
    expect(await records.read('0af1')).toBeNull();
    await records.write('0af1', { schema: 'x', table: { a: 'b' } });
    await records.write('0af1', { schema: 'y' });
    expect(await records.read('0af1')).toEqual({ schema: 'y' });
    expect(readdirSync(join(folder, 'deep', 'er'))).toEqual(['0af1.json']);
  });

  it('are an error where a file is no JSON', async () => {
    const records = fileRecords(folder);
    await records.write('0af1', {});
    writeFileSync(join(folder, '0af1.json'), '{');
    await expect(records.read('0af1')).rejects.toThrow(SyntaxError);
  });

  it('lie in the cache folder of the user', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/teddy-web');
    expect(cacheFolder({ XDG_CACHE_HOME: 'not/absolute' })).toBe(join(homedir(), '.cache', 'teddy-web'));
    expect(cacheFolder({})).toBe(join(homedir(), '.cache', 'teddy-web'));
  });
});
