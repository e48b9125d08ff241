import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { InputFile } from '../../src/data/input.ts';

/** Writes files into a folder and names them as a drop of single files does. */
export function droppedFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): readonly InputFile[] {
  return Object.entries(files).map(([path, contents]) => {
    const file = join(folder, path.replaceAll('/', '~'));
    writeFileSync(file, path.endsWith('.gz') ? gzipSync(contents) : contents);
    return { path, file };
  });
}
