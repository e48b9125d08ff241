import { openArrow } from './arrow/open-arrow.ts';
import type { Dataset } from './dataset.ts';
import { DataError } from './errors.ts';
import { detectFormat } from './file-format.ts';
import { fileNameOf } from './file-name.ts';
import { openH5ad } from './h5ad/open-h5ad.ts';
import type { DataInput, H5Runtime } from './h5ad/runtime.ts';

/**
 * Opens a file of cells, told by its contents.
 * @param runtime browserRuntime(siteUrl) in a worker, nodeRuntime() on the command line.
 * @throws DataError with one clear sentence for anything that is not a usable .h5ad or Arrow file.
 */
export async function openDataset(input: DataInput, runtime: H5Runtime): Promise<Dataset> {
  const source = await runtime.bytes(input);
  const format = await detectFormat(source);
  switch (format.kind) {
    case 'hdf5':
      return openH5ad(input, runtime);
    case 'arrow-file':
    case 'arrow-stream':
      return openArrow(source, fileNameOf(input));
    case 'other':
      throw new DataError(
        'unsupported-format',
        `this is ${format.what}; teddy-web opens .h5ad and Arrow`,
        format.what,
      );
    case 'unknown':
      throw new DataError('not-a-dataset', 'this is no file we know; teddy-web opens .h5ad and Arrow');
  }
}
