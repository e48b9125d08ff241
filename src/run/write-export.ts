import type { Dataset } from '../data/dataset.ts';
import type { H5Runtime } from '../data/h5ad/runtime.ts';
import { exportTable } from './export-table.ts';
import type { CellResults, ExportFormat, Provenance } from './services.ts';

/** Places where the HDF5 library may write a file: in its memory in a browser, on the disk in Node. */
export interface ScratchFiles {
  /** A path the library of this runtime can create. */
  create(runtime: H5Runtime): Promise<ScratchFile>;
}

interface ScratchFile {
  readonly path: string;
  /** The bytes of what was written. */
  read(): Promise<Uint8Array<ArrayBuffer>>;
  remove(): void;
}

/** A file of the results; each writer is loaded when it is first asked for. */
export async function exportResults(
  format: ExportFormat,
  dataset: Dataset,
  results: CellResults,
  provenance: Provenance,
  runtime: H5Runtime,
  scratch: ScratchFiles,
): Promise<Uint8Array<ArrayBuffer>> {
  const table = await exportTable(dataset, results, provenance);
  switch (format) {
    case 'csv':
      return (await import('../export/csv.ts')).toCsv(table);
    case 'arrow':
      return (await import('../export/arrow.ts')).toArrow(table);
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
