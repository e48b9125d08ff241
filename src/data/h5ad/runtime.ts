import type { h5wasm } from 'h5wasm';
import type { ByteSource } from '../../model/byte-source.ts';

/** The HDF5 library as h5wasm exports it. */
export type H5Library = typeof h5wasm;
/** Its WebAssembly module: file system, plugin paths. */
export type H5Module = Awaited<H5Library['ready']>;

/** A file of the user: dropped into the page, or a path on the command line. */
export type DataInput = File | string;

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
}
