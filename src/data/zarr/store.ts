import type { ByteSource } from '../../model/byte-source.ts';
import { DataError } from '../errors.ts';
import type { DataInput } from '../input.ts';
import { type ByteRange, openZip } from '../zip/zip-directory.ts';

/** The files of a zarr store by path; bytes handed out belong to who asked. */
export interface ZarrStore {
  readonly paths: readonly string[];
  /** Null where there is no such file. */
  read(path: string): Promise<Uint8Array<ArrayBuffer> | null>;
  readRange(path: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | null>;
}

/** One file of a store read whole at most. */
const MAX_FILE = 2 ** 30;

/** A zipped store, its entries read from the file when asked for. */
export function zipStore(source: ByteSource): Promise<ZarrStore> {
  return openZip(source);
}

/** A store as a folder. @param open how a file of it is read */
export function folderStore(
  files: ReadonlyMap<string, DataInput>,
  open: (file: DataInput) => Promise<ByteSource>,
): ZarrStore {
  const sourceOf = async (path: string) => {
    const file = files.get(path);
    return file === undefined ? null : open(file);
  };
  return {
    paths: [...files.keys()],
    async read(path) {
      const source = await sourceOf(path);
      if (source !== null && source.size > MAX_FILE)
        throw new DataError('too-large', `${path} is too large to read`, path);
      return source === null ? null : source.read(0, source.size);
    },
    async readRange(path, range) {
      const source = await sourceOf(path);
      if (source === null) return null;
      const length = 'offset' in range ? range.length : Math.min(range.suffixLength, source.size);
      const offset = 'offset' in range ? range.offset : source.size - length;
      if (!(offset >= 0 && length >= 0 && offset + length <= source.size))
        throw new DataError('corrupt', `a part of ${path} lies beyond its end`, path);
      return source.read(offset, length);
    },
  };
}
