import { Pacer } from '../analysis/pacer.ts';
import type { Dataset } from '../data/dataset.ts';
import type { H5Runtime } from '../data/h5ad/runtime.ts';
import type { ExportTable } from '../export/table.ts';
import { exportTable } from './export-table.ts';
import { leftOutNote } from './messages.ts';
import type { CellResults, Provenance } from './results.ts';
import type { ScratchFiles } from './scratch.ts';
import type { ExportFormat, JobOptions, ResultsExport } from './services.ts';

/** A file of the results; each writer is loaded when it is first asked for. */
export async function exportResults(
  format: ExportFormat,
  dataset: Dataset,
  results: CellResults,
  provenance: Provenance,
  runtime: H5Runtime,
  scratch: ScratchFiles,
  { signal, onProgress }: JobOptions = {},
): Promise<ResultsExport> {
  const { table, leftOut } = await exportTable(dataset, results, provenance);
  const pacer = new Pacer(signal);
  const pause = async (done: number) => {
    onProgress?.({ stage: 'table', done, total: table.obsNames.length, unit: 'cells' });
    await pacer.pause();
  };
  return { content: await written(format, table, runtime, scratch, pause), note: leftOutNote(leftOut) };
}

async function written(
  format: ExportFormat,
  table: ExportTable,
  runtime: H5Runtime,
  scratch: ScratchFiles,
  pause: (done: number) => Promise<void>,
): Promise<Uint8Array<ArrayBuffer>> {
  switch (format) {
    case 'csv':
      return (await import('../export/csv.ts')).toCsv(table, pause);
    case 'arrow':
      return (await import('../export/arrow.ts')).toArrow(table);
    case 'parquet':
      return (await import('../export/parquet.ts')).toParquet(table, pause);
    case 'zarr':
      return (await import('../export/zarr.ts')).toZarrZip(table);
    case 'h5ad': {
      const { writeH5ad } = await import('../export/h5ad.ts');
      const file = await scratch.create(runtime);
      try {
        writeH5ad(await runtime.library(), file.path, table);
        return (await import('../export/boolean-type.ts')).withBooleans(await file.read());
      } finally {
        file.remove();
      }
    }
  }
}
