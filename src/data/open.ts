import type { Dataset } from './dataset.ts';
import { ofFile } from './errors.ts';
import { openFormat } from './formats.ts';
import { type FoundDataset, gather } from './gather.ts';
import type { H5Runtime } from './h5ad/runtime.ts';
import { type DatasetInput, isSeveral, lastPart, nameOfInput } from './input.ts';

/**
 * Opens what the user gave as one dataset, told by its contents: a file, a folder, the parts of a dataset, or
 * several datasets, whose cells are joined.
 * @param runtime browserRuntime(siteUrl) in a worker, nodeRuntime() on the command line.
 * @throws DataError with one clear sentence for anything that is not usable.
 */
export async function openDataset(
  input: DatasetInput,
  runtime: H5Runtime,
  signal?: AbortSignal,
): Promise<Dataset> {
  const given = isSeveral(input) ? input : [{ path: nameOfInput(input), file: input }];
  const files = (
    await Promise.all(
      given.map(async ({ path, file, named }) => {
        const below = await runtime.expand(file);
        return below.length === 1 && below[0].file === file
          ? [{ path, file, ...(named ? { named } : {}) }]
          : below;
      }),
    )
  ).flat();
  const found = await gather(files, runtime, signal);
  const fileName = nameOfInput(input);
  if (found.length === 1) return openFound(found[0], nameOfOne(found[0], fileName), runtime, signal);
  const { openSamples } = await import('./samples/open-samples.ts');
  return openSamples(
    found,
    fileName,
    async (index) => {
      const { path } = found[index];
      try {
        return await openFound(found[index], lastPart(path), runtime, signal);
      } catch (error) {
        throw ofFile(error, path);
      }
    },
    signal,
  );
}

/** Three files of one matrix go by what their names have in common. */
function nameOfOne(found: FoundDataset, fileName: string): string {
  if (found.kind !== 'mtx' || found.path.includes('/')) return fileName;
  return lastPart(found.path || found.matrix.path);
}

async function openFound(
  found: FoundDataset,
  fileName: string,
  runtime: H5Runtime,
  signal?: AbortSignal,
): Promise<Dataset> {
  switch (found.kind) {
    case 'file': {
      const { file, source, format } = found.found;
      return openFormat(format, { file, source, fileName, runtime, ...(signal ? { signal } : {}) });
    }
    case 'mtx':
      return (await import('./mtx/open-mtx.ts')).openMtx(found.matrix, found.texts, fileName, signal);
    case 'zarr':
      return (await import('./zarr/open-zarr.ts')).openZarrFolder(found.files, fileName, runtime);
  }
}
