import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { KeptRecords } from '../store/kept-records.ts';

/** Our folder in the user's cache: XDG_CACHE_HOME where it is an absolute path, as its specification asks, else ~/.cache. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { XDG_CACHE_HOME: asked } = environment;
  return join(asked && isAbsolute(asked) ? asked : join(homedir(), '.cache'), 'teddy-web');
}

/** Small records as JSON files of a folder, by key; files appear whole or not at all. */
export function fileRecords(folder: string): KeptRecords {
  const place = (key: string) => join(folder, `${key}.json`);
  return {
    /** Null where there is none. @throws SyntaxError for a file that is no JSON */
    async read(key: string): Promise<unknown> {
      let text: string;
      try {
        text = readFileSync(place(key), 'utf8');
      } catch {
        return null;
      }
      return JSON.parse(text);
    },
    /** @throws where the folder cannot be written */
    async write(key: string, record: unknown): Promise<void> {
      mkdirSync(folder, { recursive: true });
      const beside = `${place(key)}.${process.pid}`;
      writeFileSync(beside, `${JSON.stringify(record, null, 1)}\n`);
      renameSync(beside, place(key));
    },
  };
}
