import type { DataErrorCode } from '../../data/errors.ts';
import { always, type Say, saysItself } from './sentence.ts';

const SUPPORTED =
  'teddy-web reads raw counts from .h5ad, 10x .h5 and mtx, zarr, Arrow (Feather) and Parquet, packed with gzip or not.';
const AGAIN = 'Save or download the file again and retry.';

/** Of a file of cells that cannot be used. */
export const DATA: Readonly<Record<DataErrorCode, Say>> = {
  'not-a-dataset': always('This file is not a dataset teddy-web can read.', SUPPORTED),
  'not-anndata': always(
    'This HDF5 file is neither .h5ad (it has no obs and var) nor a 10x matrix.',
    SUPPORTED,
  ),
  'unsupported-format': saysItself('Read it with scanpy and save it with adata.write_h5ad("file.h5ad").'),
  truncated: always('The file ends before its contents do: it is truncated.', AGAIN),
  corrupt: (message) => ({ what: `The file is damaged: ${message}.`, help: AGAIN }),
  crashed: always('The file made the HDF5 reader break down: it is damaged.', AGAIN),
  'unsupported-filter': (_message, subject) => ({
    what: `The file is compressed in a way teddy-web cannot unpack (${subject || 'an unknown filter'}).`,
    help: 'Save it again with gzip: adata.write_h5ad("file.h5ad", compression="gzip").',
  }),
  'unsupported-type': saysItself(
    'Save the file again with a current anndata version, counts as integers or floats.',
  ),
  'too-large': saysItself('Open a smaller file, or one whose matrix is stored sparse by rows (CSR).'),
  'bad-shape': (message) => ({ what: `The parts of the file do not fit together: ${message}.`, help: AGAIN }),
  'bad-index': (message) => ({ what: `The file is damaged: ${message}.`, help: AGAIN }),
  'bad-schema': saysItself(
    'The documentation shows how to write an Arrow or Parquet file of cells in five lines.',
  ),
  missing: saysItself(AGAIN),
  'missing-parts': saysItself(
    'Drop matrix.mtx, barcodes.tsv and features.tsv (or genes.tsv) together, or the folder they lie in.',
  ),
  'not-together': saysItself('Files dropped together are joined by their genes: open them one at a time.'),
  'no-matrix': always(
    'The file holds no expression matrix: X, raw/X and layers are missing.',
    'Open a file with raw counts.',
  ),
  'not-recoverable': saysItself('Open a file that keeps the raw counts in raw, X or a layer.'),
  'no-cells': always('The file has no cells.', 'Open a file with at least one cell.'),
  unreadable: saysItself('Check that the file is still there and may be read.'),
};
