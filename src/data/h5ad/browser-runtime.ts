import h5wasm from 'h5wasm';
import { blobSource } from '../blob-source.ts';
import { DataError } from '../errors.ts';
import type { DataInput } from '../input.ts';
import { openNothingElse } from './only-opened.ts';
import type { H5Module, H5Runtime, MountedFile } from './runtime.ts';

const PLUGIN_FOLDER = '/h5-plugins';
/** Bytes gathered before they become a Blob. */
const BLOB = 2 ** 25;

/**
 * HDF5 in a browser worker: the File is read in slices as HDF5 asks for them (WORKERFS, which needs the
 * FileReaderSync of workers), plugins come from `h5-plugins/` under the site.
 * @param baseUrl of the site, ending in a slash.
 */
export function browserRuntime(baseUrl: string): H5Runtime {
  let ready: Promise<H5Module> | null = null;
  let mounts = 0;
  const installed = new Map<string, Promise<boolean>>();

  async function module(): Promise<H5Module> {
    ready ??= h5wasm.ready.then((loaded) => {
      loaded.activate_throwing_error_handler();
      loaded.FS.mkdirTree(PLUGIN_FOLDER);
      loaded.insert_plugin_search_path(PLUGIN_FOLDER, 0);
      openNothingElse(loaded, (path) => path.startsWith(PLUGIN_FOLDER));
      return loaded;
    });
    return ready;
  }

  async function fetchPlugin(name: string): Promise<boolean> {
    const { FS } = await module();
    const response = await fetch(new URL(`h5-plugins/libH5Z${name}.so`, baseUrl));
    if (!response.ok) return false;
    const bytes = new Uint8Array(await response.arrayBuffer());
    const isWasm = bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
    if (!isWasm) return false;
    FS.writeFile(`${PLUGIN_FOLDER}/libH5Z${name}.so`, bytes);
    return true;
  }

  return {
    async library() {
      await module();
      return h5wasm;
    },
    async mount(input: DataInput): Promise<MountedFile> {
      const file = dropped(input);
      const { FS } = await module();
      const folder = `/mounted-${++mounts}`;
      FS.mkdirTree(folder);
      FS.mount(FS.filesystems.WORKERFS, { blobs: [{ name: 'data.h5', data: file }] }, folder);
      return {
        path: `${folder}/data.h5`,
        unmount() {
          FS.unmount(folder);
          FS.rmdir(folder);
        },
      };
    },
    async bytes(input) {
      return blobSource(dropped(input));
    },
    installPlugin(name) {
      let pending = installed.get(name);
      if (!pending) {
        pending = fetchPlugin(name).catch(() => false);
        installed.set(name, pending);
      }
      return pending;
    },
    async expand(input) {
      const file = dropped(input);
      return [{ path: file.name, file }];
    },
    async keep(name, bytes) {
      return { file: await fileOf(name, bytes), remove() {} };
    },
  };
}

/** Bytes as a File: a browser moves Blobs that are large out of the memory of the page. */
async function fileOf(name: string, bytes: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<File> {
  const blobs: Blob[] = [];
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const part of bytes) {
    parts.push(part);
    size += part.length;
    if (size < BLOB) continue;
    blobs.push(new Blob(parts));
    parts = [];
    size = 0;
  }
  return new File([...blobs, ...parts], name);
}

function dropped(input: DataInput): File {
  if (typeof input === 'string')
    throw new DataError('unreadable', 'a browser opens dropped files, not paths');
  return input;
}
