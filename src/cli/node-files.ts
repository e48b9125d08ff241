import { mkdtempSync, rmSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { DataError } from '../data/errors.ts';
import type { KeptFile } from '../data/h5ad/runtime.ts';
import type { DatasetInput, InputFile } from '../data/input.ts';

/** Files of a folder, and folders within folders, that are listed at most. */
const MAX_FILES = 200_000;
const MAX_DEPTH = 32;

/** All files below a folder by their path from its parent; a file is itself. Links are not followed below it. */
export async function expandFolder(path: string): Promise<readonly InputFile[]> {
  const status = await stat(path).catch((cause: unknown) => {
    throw new DataError('unreadable', `${path} cannot be opened`, path, { cause });
  });
  if (!status.isDirectory()) return [{ path: basename(path), file: path }];
  const files: InputFile[] = [];
  const walk = async (folder: string, prefix: string, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const below = { path: `${prefix}/${entry.name}`, file: join(folder, entry.name) };
      if (entry.isFile()) files.push(below);
      else if (entry.isDirectory() && depth < MAX_DEPTH) await walk(below.file, below.path, depth + 1);
      if (files.length > MAX_FILES)
        throw new DataError('too-large', `${path} holds more than ${MAX_FILES} files`, path);
    }
  };
  await walk(path, basename(resolve(path)), 0);
  if (files.length === 0) throw new DataError('not-a-dataset', `${path} is an empty folder`, path);
  return files;
}

/** Writes bytes into a folder of temporary files as they come. */
export async function keepOnDisk(
  name: string,
  bytes: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<KeptFile> {
  const folder = mkdtempSync(join(tmpdir(), 'teddy-web-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const path = join(folder, name.replace(/\.gz$/i, '') || 'unpacked');
  try {
    const file = await open(path, 'w');
    try {
      for await (const part of bytes) await file.write(part);
    } finally {
      await file.close();
    }
    return { file: path, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Paths of the command line as one dataset. */
export function inputOf(paths: readonly string[]): DatasetInput {
  return paths.length === 1 ? paths[0] : paths.map((path) => ({ path, file: path, named: true }));
}
