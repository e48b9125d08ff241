import type { h5wasm } from 'h5wasm';
import type { ByteSource } from '../../model/byte-source.ts';
import type { DataInput, InputFile } from '../input.ts';

/** The HDF5 library as h5wasm exports it. */
export type H5Library = typeof h5wasm;
/** Its WebAssembly module: file system, plugin paths. */
export type H5Module = Awaited<H5Library['ready']>;

/** A file the HDF5 library can open by path, until unmounted. */
export interface MountedFile {
  readonly path: string;
  unmount(): void;
}

/**
 * How files are reached here, as bytes and by HDF5 with its filter plugins: a browser worker mounts the dropped File lazily
 * (browser-runtime.ts), Node opens paths (src/cli/h5-runtime-node.ts).
 */
export interface H5Runtime {
  /** The library, with errors thrown instead of printed: without that a missing filter yields garbage. */
  library(): Promise<H5Library>;
  mount(input: DataInput): Promise<MountedFile>;
  /** The bytes of a file, for formats that are not HDF5. */
  bytes(input: DataInput): Promise<ByteSource>;
  /** Makes the filter plugin `libH5Z<name>.so` known to HDF5; false where there is no such file. */
  installPlugin(name: string): Promise<boolean>;
  /** All files below a folder, as far as folders can be given here; else the file itself. */
  expand(input: DataInput): Promise<readonly InputFile[]>;
  /** Keeps bytes that are made as they are read (an unpacked file) outside the memory of the program. */
  keep(name: string, bytes: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<KeptFile>;
}

/** A file made here, gone once removed. */
export interface KeptFile {
  readonly file: DataInput;
  remove(): void;
}
