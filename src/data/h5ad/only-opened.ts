import type { H5Module } from './runtime.ts';

/** ENOENT as Emscripten has it. */
const NOT_THERE = 44;

/** O_CREAT and O_EXCL: a file that was not there before, as the library makes for the words of its errors. */
const NEW_FILE = 0o300;

/** What of Emscripten's file system its types do not tell. */
interface FileSystem {
  readonly ErrnoError: new (errno: number) => Error;
  open(path: string, flags: unknown, mode: unknown): unknown;
}

/** Where the library looks for plugins by itself. */
const OWN_PLUGINS = '/usr/local/hdf5/';

const guarded = new WeakSet<H5Module>();
let refused: string | null = null;

/** The first file that the library was kept from since this was last asked; null = none. */
export function takeRefused(): string | null {
  const path = refused;
  refused = null;
  return path;
}

/**
 * Keeps the HDF5 library to the files it is asked to open. A file may name others: as links, as the place of a
 * dataset's bytes, as parts of a virtual dataset, and the library opens what it names. On the command line that is
 * any file of the disk, whose bytes would come out as counts.
 * @param isPlugin whether the library may look for a filter plugin at a path
 */
export function openNothingElse(module: H5Module, isPlugin: (path: string) => boolean): void {
  if (guarded.has(module)) return;
  guarded.add(module);
  const FS = module.FS as unknown as FileSystem;
  const asked = new Set<string>();
  const { open } = module;
  module.open = (path, ...rest) => {
    asked.add(path);
    return open(path, ...rest);
  };
  const openFile = FS.open.bind(FS);
  FS.open = (path, flags, mode) => {
    const isNew = typeof flags === 'number' && (flags & NEW_FILE) === NEW_FILE;
    if (isNew || asked.has(path) || isPlugin(path) || path.startsWith(OWN_PLUGINS))
      return openFile(path, flags, mode);
    refused ??= path;
    throw new FS.ErrnoError(NOT_THERE);
  };
}
