import type { H5Library } from '../data/h5ad/runtime.ts';
import { writeAnnData } from './anndata.ts';
import { h5Place } from './h5-place.ts';
import type { ExportTable } from './table.ts';

/**
 * Writes the table as an `.h5ad` of the encoding of anndata 0.8. HDF5's boolean type, which h5wasm cannot write, is
 * put in afterwards (boolean-type.ts).
 * @param path where the library may create a file
 */
export function writeH5ad(library: H5Library, path: string, table: ExportTable): void {
  const file = new library.File(path, 'w');
  try {
    writeAnnData(h5Place(file), table);
  } finally {
    file.close();
  }
}
