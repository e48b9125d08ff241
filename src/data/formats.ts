import type { ByteSource } from '../model/byte-source.ts';
import type { Dataset } from './dataset.ts';
import { DataError } from './errors.ts';
import type { FileFormat } from './file-format.ts';
import { unpackGzip } from './gzip.ts';
import type { H5Runtime } from './h5ad/runtime.ts';
import type { DataInput } from './input.ts';

/** One file to open, and what opening it takes. */
export interface OpenFile {
  readonly file: DataInput;
  readonly source: ByteSource;
  readonly fileName: string;
  readonly runtime: H5Runtime;
  readonly signal?: AbortSignal;
}

type Reader = (open: OpenFile) => Promise<Dataset>;

/** For people, in the order of how common they are. */
const READABLE = '.h5ad, 10x .h5 and mtx, zarr, Arrow and Parquet';

/** Contents of a gzip file beyond which it has to be unpacked first. */
const MAX_UNPACKED = 2 * 2 ** 30;

/**
 * The readers of files by what their bytes are; each is loaded when a file needs it. mtx, and zarr as a folder, are
 * of several files: open.ts.
 */
const READERS: Readonly<Partial<Record<FileFormat['kind'], Reader>>> = {
  hdf5: async ({ file, fileName, runtime }) =>
    (await import('./h5ad/open-hdf5.ts')).openHdf5(file, fileName, runtime),
  'arrow-file': async ({ source, fileName }) =>
    (await import('./arrow/open-arrow.ts')).openArrow(source, fileName),
  'arrow-stream': async ({ source, fileName }) =>
    (await import('./arrow/open-arrow.ts')).openArrow(source, fileName),
  parquet: async ({ source, fileName }) =>
    (await import('./parquet/open-parquet.ts')).openParquet(source, fileName),
  zip: async ({ source, fileName }) => (await import('./zarr/open-zarr.ts')).openZarrZip(source, fileName),
  'matrix-market': async ({ source, fileName, signal }) =>
    (await import('./mtx/open-mtx.ts')).openMtx({ path: fileName, source }, [], fileName, signal),
};

/**
 * Opens one file by the reader its contents ask for.
 * @throws DataError
 */
export async function openFormat(format: FileFormat, open: OpenFile): Promise<Dataset> {
  if (format.kind === 'gzip') return openPacked(format.inside, open);
  const reader = READERS[format.kind];
  if (reader) return reader(open);
  throw unreadable(format);
}

/** Why a file is not opened. */
export function unreadable(format: FileFormat): DataError {
  if (format.kind === 'gzip') {
    const { inside } = format;
    const what = inside.kind === 'text' || inside.kind === 'other' ? inside.what : 'something we do not know';
    return unreadable({ kind: 'other', what: `a gzip file with ${what} in it` });
  }
  if (format.kind !== 'text' && format.kind !== 'other')
    return new DataError('not-a-dataset', `this is no file we know; teddy-web opens ${READABLE}`);
  return new DataError(
    'unsupported-format',
    `this is ${format.what}; teddy-web opens ${READABLE}`,
    format.what,
  );
}

/** Unpacks a gzip file beside the program's memory and opens what was in it. */
async function openPacked(inside: FileFormat, open: OpenFile): Promise<Dataset> {
  const reader = READERS[inside.kind];
  if (!reader) throw unreadable({ kind: 'gzip', inside });
  // A matrix as text is read as it is unpacked.
  if (inside.kind === 'matrix-market') return reader(open);
  const { runtime, source, signal } = open;
  const kept = await runtime.keep(open.fileName, unpackGzip(source, MAX_UNPACKED, signal));
  try {
    const dataset = await reader({ ...open, file: kept.file, source: await runtime.bytes(kept.file) });
    return {
      ...dataset,
      close() {
        dataset.close();
        kept.remove();
      },
    };
  } catch (error) {
    kept.remove();
    throw error;
  }
}
