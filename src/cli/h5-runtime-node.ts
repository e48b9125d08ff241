import { existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import h5wasm from 'h5wasm/node';
import { DataError } from '../data/errors.ts';
import { openNothingElse } from '../data/h5ad/only-opened.ts';
import type { H5Module, H5Runtime, MountedFile } from '../data/h5ad/runtime.ts';
import type { DataInput } from '../data/input.ts';
import { type ByteSource, ShortReadError } from '../model/byte-source.ts';
import { expandFolder, keepOnDisk } from './node-files.ts';

/** Where filter plugins lie: beside the bundled command line, else in the package they come from. */
function pluginFolders(): string[] {
  const folders = [join(dirname(fileURLToPath(import.meta.url)), 'plugins')];
  try {
    const entry = createRequire(import.meta.url).resolve('h5wasm-plugins');
    folders.push(join(dirname(entry), 'plugins'));
  } catch {
    // The package is not installed beside a packed command line: its copies are in the first folder.
  }
  return folders;
}

/** HDF5 in Node: paths are opened directly, plugins are read from the disk. */
export function nodeRuntime(): H5Runtime {
  let ready: Promise<H5Module> | null = null;
  const searched = new Set<string>();

  function module(): Promise<H5Module> {
    ready ??= h5wasm.ready.then((loaded) => {
      loaded.activate_throwing_error_handler();
      const folders = pluginFolders();
      openNothingElse(loaded, (path) => folders.some((folder) => path.startsWith(folder)));
      return loaded;
    });
    return ready;
  }

  return {
    async library() {
      await module();
      return h5wasm;
    },
    async mount(input: DataInput): Promise<MountedFile> {
      return { path: resolve(pathOf(input)), unmount() {} };
    },
    async bytes(input) {
      return fileSource(pathOf(input));
    },
    async installPlugin(name) {
      const loaded = await module();
      const folder = pluginFolders().find((candidate) => existsSync(join(candidate, `libH5Z${name}.so`)));
      if (folder === undefined) return false;
      if (!searched.has(folder)) loaded.insert_plugin_search_path(folder, 0);
      searched.add(folder);
      return true;
    },
    expand: (input) => expandFolder(pathOf(input)),
    keep: keepOnDisk,
  };
}

function pathOf(input: DataInput): string {
  if (typeof input !== 'string') throw new DataError('unreadable', 'the command line opens paths');
  return input;
}

/** A file on the disk, opened for each read so that nothing is left open. */
async function fileSource(path: string): Promise<ByteSource> {
  const opened = async <T>(use: (handle: FileHandle) => Promise<T>): Promise<T> => {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (error) {
      throw new DataError('unreadable', `${path} cannot be opened`, path, { cause: error });
    }
    try {
      return await use(handle);
    } finally {
      await handle.close();
    }
  };
  const status = await opened((handle) => handle.stat());
  if (!status.isFile()) throw new DataError('unreadable', `${path} is not a file`, path);
  return {
    size: status.size,
    read: (offset, length) =>
      opened(async (handle) => {
        const bytes = new Uint8Array(length);
        let got = 0;
        while (got < length) {
          const { bytesRead } = await handle.read(bytes, got, length - got, offset + got);
          if (bytesRead === 0) throw new ShortReadError(offset, length, got);
          got += bytesRead;
        }
        return bytes;
      }),
  };
}
