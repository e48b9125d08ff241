import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckpointStore } from '../run/checkpoint-store.ts';
import { fileBytes } from './node-environment.ts';
import { writeWhole } from './write-whole.ts';

const ENDING = '.checkpoint.safetensors';

/** Checkpoints as files of a folder, which is made when there is one to write. */
export function folderCheckpoints(folder: string): CheckpointStore {
  const place = (key: string) => join(folder, `${key}${ENDING}`);
  return {
    async keys() {
      if (!existsSync(folder)) return [];
      return readdirSync(folder).flatMap((name) =>
        name.endsWith(ENDING) ? [name.slice(0, -ENDING.length)] : [],
      );
    },
    open: async (key) => (existsSync(place(key)) ? fileBytes(place(key)) : null),
    async write(key, content) {
      mkdirSync(folder, { recursive: true });
      writeWhole(place(key), content);
    },
    remove: async (key) => rmSync(place(key), { force: true }),
  };
}
