import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { memorySource } from '../../src/model/memory-source.ts';
import type { PackageSource } from '../../src/model/package-source.ts';

/** A directory on disk as a package, files read whole. */
export function directorySource(
  directory: string,
  name = directory.split(sep).at(-1) ?? directory,
): PackageSource {
  return {
    name,
    list: async () =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/')),
    open: async (path) => memorySource(readFileSync(join(directory, path))),
  };
}

/** Files in memory as a package; text is encoded as UTF-8. */
export function packageOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  name = 'test',
): PackageSource {
  const bytes = new Map(
    Object.entries(files).map(([path, content]) => [
      path,
      typeof content === 'string' ? new TextEncoder().encode(content) : content,
    ]),
  );
  return {
    name,
    list: async () => [...bytes.keys()],
    open: async (path) => {
      const content = bytes.get(path);
      if (!content) throw new Error(`no ${path}`);
      return memorySource(content);
    },
  };
}
