import type { H5Runtime } from '../data/h5ad/runtime.ts';
import type { DataInput } from '../data/input.ts';
import type { ChangeableBytes } from '../export/boolean-type.ts';
import type { JobOptions, LargeFile } from './services.ts';

/** Places where the HDF5 library may write a file. */
export interface ScratchFiles {
  /** A path the library of this runtime can create: in its memory in a browser, on the disk in Node. */
  create(runtime: H5Runtime): Promise<ScratchFile>;
  /**
   * A copy of a file, made piece by piece, that the library can change: in the browser's private file system, or on the
   * disk.
   * @throws StoreError where there is no such place or no room, the signal's reason
   */
  copy(runtime: H5Runtime, input: DataInput, options: JobOptions): Promise<CopiedFile>;
  /** Removes what this place still keeps of copies handed over. */
  clear(): Promise<void>;
}

interface ScratchFile {
  readonly path: string;
  /** The bytes of what was written. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
  remove(): void;
}

export interface CopiedFile {
  readonly path: string;
  readonly bytes: ChangeableBytes;
  /** What the place itself threw, of which the library tells little; null = nothing. */
  failure(): unknown;
  /** Closes the file and hands it over. */
  finish(): Promise<LargeFile>;
  /** Throws it away instead. */
  remove(): Promise<void>;
}
