import type { Dataset } from '../dataset.ts';
import { DataError } from '../errors.ts';
import type { DataInput } from '../input.ts';
import { isTenx, openTenx } from '../tenx/open-tenx.ts';
import { openAnnData } from './open-anndata.ts';
import { H5Reader } from './reader.ts';
import type { H5Runtime } from './runtime.ts';

/**
 * Opens an HDF5 file of cells: `.h5ad` or a 10x Genomics matrix, told apart by the groups in it.
 * @throws DataError naming what is wrong; the file is closed again.
 */
export async function openHdf5(input: DataInput, fileName: string, runtime: H5Runtime): Promise<Dataset> {
  const reader = await H5Reader.open(input, runtime);
  try {
    const members = reader.keys('/');
    if (members.includes('obs') && members.includes('var'))
      return await openAnnData(reader, fileName, 'h5ad');
    if (isTenx(reader)) return await openTenx(reader, fileName);
    if (members.includes('barcode_idx') || members.includes('molecule_info')) {
      throw new DataError(
        'unsupported-format',
        'this is a list of molecules of 10x Genomics, not a matrix; open filtered_feature_bc_matrix.h5 beside it',
        'molecule_info',
      );
    }
    throw new DataError('not-anndata', 'this HDF5 file has no obs and var: it is no .h5ad file');
  } catch (error) {
    reader.close();
    throw error;
  }
}
