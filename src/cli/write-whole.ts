import { existsSync, realpathSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LargeFile } from '../run/services.ts';

/**
 * Writes beside the place, then renames: a failure leaves what was there before.
 * @param content bytes, text, or a file on the same disk, alone in its folder: both go
 */
export function writeWhole(path: string, content: Uint8Array | string | LargeFile): void {
  if (content instanceof Blob) throw new TypeError('a Blob is no file of the disk');
  if (typeof content === 'object' && 'path' in content) {
    renameSync(content.path, path);
    rmdirSync(dirname(content.path));
    return;
  }
  const part = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  try {
    writeFileSync(part, content);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/**
 * Refuses, before any work, a place whose folder is missing or that is a file to be read: results hold no
 * counts and must not replace it.
 * @throws Error with one sentence
 */
export function checkPlace(path: string, inputs: readonly string[]): void {
  const folder = dirname(path);
  if (!existsSync(folder))
    throw new Error(`the folder ${folder} does not exist: make it, or name another with --out`);
  const isInput = (file: string) => existsSync(file) && realpathSync(file) === realpathSync(path);
  if (existsSync(path) && inputs.some(isInput))
    throw new Error(`${path} is the file that is read: name another with --out`);
}
