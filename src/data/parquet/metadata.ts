import { type FileMetaData, parquetMetadata } from 'hyparquet';
import type { ByteSource } from '../../model/byte-source.ts';
import { DataError } from '../errors.ts';

const MAGIC = 'PAR1';
/** Larger metadata is not read: a column for each gene of a large file takes some tens of megabytes. */
const MAX_METADATA = 2 ** 28;
const MAX_ROWS = 50_000_000;
const MAX_GROUPS = 1_000_000;
const CODECS = new Set(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW']);

/**
 * The metadata at the end of a Parquet file, with what we and hyparquet rely on checked: it fills its structures with
 * whatever is there.
 * @throws DataError `truncated`, `corrupt`, `too-large`, `unsupported-filter`, `unsupported-format`
 */
export async function readParquetMetadata(source: ByteSource): Promise<FileMetaData> {
  const tail = source.size >= 12 ? await source.read(source.size - 8, 8) : new Uint8Array(8);
  const magic = new TextDecoder('latin1').decode(tail.subarray(4));
  if (magic === 'PARE')
    throw new DataError('unsupported-format', 'this Parquet file is encrypted', 'parquet');
  if (magic !== MAGIC) throw new DataError('truncated', 'the Parquet file ends before its contents do');
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (length + 12 > source.size) throw parquetCorrupt('its metadata is longer than it');
  if (length > MAX_METADATA)
    throw new DataError('too-large', 'the metadata of the Parquet file is too large');
  let metadata: FileMetaData;
  try {
    const footer = await source.read(source.size - length - 8, length + 8);
    metadata = parquetMetadata(footer, { geoparquet: false });
  } catch (error) {
    throw parquetCorrupt('its metadata cannot be read', error);
  }
  check(metadata, source.size);
  return metadata;
}

function check({ schema, num_rows, row_groups }: FileMetaData, size: number): void {
  const named = schema.length > 1 && schema.every((element) => typeof element.name === 'string');
  if (!named) throw parquetCorrupt('its schema has no names');
  if (row_groups.length > MAX_GROUPS) throw parquetCorrupt('it has too many row groups');
  const leaves = schema.filter(({ num_children }) => !num_children).length;
  let rows = 0;
  for (const group of row_groups) {
    rows += wholeNumber(group.num_rows, MAX_ROWS, 'rows');
    if (group.columns.length !== leaves) throw parquetCorrupt('a row group has another number of columns');
    for (const { meta_data, crypto_metadata, file_path } of group.columns) {
      if (crypto_metadata || !meta_data)
        throw new DataError('unsupported-format', 'this Parquet file is encrypted', 'parquet');
      if (file_path)
        throw new DataError('unsupported-format', 'this Parquet file keeps its columns elsewhere', 'parquet');
      if (!CODECS.has(meta_data.codec))
        throw new DataError(
          'unsupported-filter',
          `the Parquet file is packed by ${meta_data.codec}`,
          meta_data.codec,
        );
      const { start, length } = chunkRange(meta_data);
      if (start < 4 || start + length > size) throw parquetCorrupt('a column lies beyond its end');
      wholeNumber(meta_data.num_values, 2 ** 40, 'values');
    }
  }
  if (rows > MAX_ROWS || BigInt(rows) !== num_rows)
    throw parquetCorrupt(`it claims ${num_rows} rows, not ${rows}`);
}

type ColumnMetaData = NonNullable<FileMetaData['row_groups'][number]['columns'][number]['meta_data']>;

/** Where a column of a row group lies: its dictionary, then its pages. */
export function chunkRange(meta: ColumnMetaData): { readonly start: number; readonly length: number } {
  // As hyparquet reckons: 0 means no dictionary.
  const start = wholeNumber(
    meta.dictionary_page_offset || meta.data_page_offset,
    Number.MAX_SAFE_INTEGER,
    'offset',
  );
  return { start, length: wholeNumber(meta.total_compressed_size, Number.MAX_SAFE_INTEGER, 'size') };
}

function wholeNumber(value: bigint | undefined, limit: number, what: string): number {
  if (typeof value !== 'bigint' || value < 0n || value > BigInt(limit))
    throw parquetCorrupt(`it states ${String(value)} as a number of ${what}`);
  return Number(value);
}

/** The file is not as its format demands. */
export function parquetCorrupt(detail: string, cause?: unknown): DataError {
  return new DataError('corrupt', `the Parquet file is damaged: ${detail}`, 'parquet', { cause });
}
