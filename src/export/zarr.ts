import { zipSync } from 'fflate';
import { writeAnnData } from './anndata.ts';
import { ExportError } from './errors.ts';
import type { ExportTable } from './table.ts';
import { type ZarrFiles, zarrPlace } from './zarr-place.ts';

/** What a zip archive without its 64-bit extension can hold. */
const MOST_FILES = 65_535;
const MOST_BYTES = 2 ** 32 - 2 ** 20;
/** The first day zip can tell: equal results give equal bytes. */
const NO_TIME = new Date(1980, 0, 1);

/**
 * The table as an AnnData object in zarr v2, zipped without packing (`.zarr.zip`).
 * @throws ExportError 'too-large' beyond 4 GiB or 65,535 pieces
 */
export function toZarrZip(table: ExportTable): Uint8Array<ArrayBuffer> {
  const files: ZarrFiles = new Map();
  writeAnnData(zarrPlace(files), table);
  const bytes = [...files].reduce((sum, [path, { length }]) => sum + length + 2 * path.length + 128, 0);
  if (bytes > MOST_BYTES || files.size > MOST_FILES)
    throw new ExportError('too-large', 'the results are more than a zip file holds');
  return zipSync(Object.fromEntries(files), { level: 0, mtime: NO_TIME }) as Uint8Array<ArrayBuffer>;
}
