import { Pacer } from '../analysis/pacer.ts';
import type { Dataset } from '../data/dataset.ts';
import { detectFormat } from '../data/file-format.ts';
import type { H5Runtime } from '../data/h5ad/runtime.ts';
import { type DataInput, type DatasetInput, isSeveral } from '../data/input.ts';
import { patchBooleans } from '../export/boolean-type.ts';
import { ExportError } from '../export/errors.ts';
import { addToH5ad } from '../export/whole-h5ad.ts';
import { StoreError } from '../store/errors.ts';
import { additionTo } from './export-table.ts';
import { isAbort, renamedNote } from './messages.ts';
import type { CellResults, Provenance } from './results.ts';
import type { CopiedFile, ScratchFiles } from './scratch.ts';
import type { JobOptions, LargeFile } from './services.ts';

/** The open file, and where a copy of it can be made. */
export interface WholeSource {
  readonly dataset: Dataset;
  readonly input: DatasetInput;
  readonly runtime: H5Runtime;
  readonly scratch: ScratchFiles;
}

/**
 * Copies the original byte by byte and adds the results to the copy: nothing of the original is read into memory or
 * written anew.
 * @returns the file, and a sentence where names of ours were taken
 * @throws ExportError, StoreError where it cannot be done; the signal's reason
 */
export async function exportWhole(
  { dataset, input, runtime, scratch }: WholeSource,
  results: CellResults,
  provenance: Provenance,
  { signal, onProgress }: JobOptions,
): Promise<{ readonly content: LargeFile; readonly note: string | null }> {
  const original = await originalOf(dataset, input, runtime);
  const pacer = new Pacer(signal);
  const pause = () => pacer.pause();
  const { size } = await runtime.bytes(original);
  const job = { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
  const copy = await scratch.copy(runtime, original, job);
  try {
    onProgress?.({ stage: 'results', done: 0, unit: 'cells' });
    const addition = additionTo(dataset.nObs, results, provenance);
    const added = await addToH5ad(await runtime.library(), copy.path, addition, pause);
    // What is new lies behind what was there, unless the file keeps account of room within.
    let found = await patchBooleans(copy.bytes, size, pause);
    if (found < added.booleans) found += await patchBooleans(copy.bytes, 0, pause);
    if (found !== added.booleans)
      throw new ExportError('whole-impossible', 'booleans could not be written into this file');
    signal?.throwIfAborted();
    return { content: await copy.finish(), note: renamedNote(added.renamed) };
  } catch (error) {
    await copy.remove();
    throw told(error, copy);
  }
}

/** The one HDF5 file that was opened. @throws ExportError where there is none */
async function originalOf(dataset: Dataset, input: DatasetInput, runtime: H5Runtime): Promise<DataInput> {
  if (dataset.format !== 'h5ad')
    throw new ExportError('whole-impossible', 'only an .h5ad can be added to, and this is none');
  const only = isSeveral(input) ? (input.length === 1 ? input[0].file : null) : input;
  const files = only === null ? [] : await runtime.expand(only);
  if (files.length !== 1)
    throw new ExportError('whole-impossible', 'only one file can be added to, and these are several');
  const [{ file }] = files;
  if ((await detectFormat(await runtime.bytes(file))).kind !== 'hdf5')
    throw new ExportError('whole-impossible', 'the file is packed with gzip: unpack it to have it added to');
  return file;
}

/** What went wrong, by who knows best. */
function told(error: unknown, copy: CopiedFile): unknown {
  if (isAbort(error) || error instanceof ExportError || error instanceof StoreError) return error;
  return (
    copy.failure() ??
    new ExportError('whole-impossible', 'the HDF5 library cannot add to this file', { cause: error })
  );
}
