import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import h5wasm from 'h5wasm/node';
import { DataError } from '../data/errors.ts';
import type { DataInput, H5Module, H5Runtime, MountedFile } from '../data/h5ad/runtime.ts';

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
      if (typeof input !== 'string') throw new DataError('unreadable', 'the command line opens paths');
      return { path: resolve(input), unmount() {} };
    },
    async installPlugin(name) {
      const loaded = await module();
      const folder = pluginFolders().find((candidate) => existsSync(join(candidate, `libH5Z${name}.so`)));
      if (folder === undefined) return false;
      if (!searched.has(folder)) loaded.insert_plugin_search_path(folder, 0);
      searched.add(folder);
      return true;
    },
  };
}
