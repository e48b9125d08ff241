import type { ByteSource } from '../../model/byte-source.ts';
import { ShortReadError } from '../../model/byte-source.ts';
import { openCellTable } from '../arrow/open-arrow.ts';
import type { Dataset } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { parquetCorrupt, readParquetMetadata } from './metadata.ts';
import { parquetBatches } from './row-groups.ts';
import { arrowSchemaOf } from './schema.ts';

/**
 * Opens a Parquet file with one row a cell, laid out as an Arrow file of cells is (docs/arrow-schema.md). Row groups
 * are read one at a time.
 * @throws DataError naming what is wrong.
 */
export async function openParquet(source: ByteSource, fileName: string): Promise<Dataset> {
  const metadata = await readParquetMetadata(source);
  const schema = guarded(() => arrowSchemaOf(metadata));
  const batches = await parquetBatches(source, metadata, schema);
  return openCellTable(
    { ...batches, batch: (index, columns) => batches.batch(index, columns).catch(failed) },
    fileName,
    'parquet',
  );
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return failed(error);
  }
}

/** A DataError for whatever a damaged file makes the library throw. */
function failed(error: unknown): never {
  if (error instanceof DataError) throw error;
  if (error instanceof ShortReadError)
    throw new DataError('truncated', 'the Parquet file ends before its contents do', 'parquet', {
      cause: error,
    });
  throw parquetCorrupt('a column cannot be decoded', error);
}
