import { makeData, RecordBatch, type Schema, Struct } from 'apache-arrow';
import { type Compressors, type FileMetaData, parquetRead, parquetSchema } from 'hyparquet';
import type { ByteSource } from '../../model/byte-source.ts';
import type { RecordBatches } from '../arrow/record-batches.ts';
import { DataError } from '../errors.ts';
import { unpackZstandard } from '../zstandard.ts';
import { arrowData, type ColumnBlocks, noData } from './column-data.ts';
import { chunkRange } from './metadata.ts';
import { verifyPages } from './pages.ts';
import { leavesOf } from './schema.ts';

/** Values and bytes of the wanted columns of one row group: it is decoded whole. */
const MAX_VALUES = 60_000_000;
const MAX_BYTES = 1.5 * 2 ** 30;

/** The row groups of a Parquet file as record batches, of which the wanted columns are read. */
export async function parquetBatches(
  source: ByteSource,
  metadata: FileMetaData,
  schema: Schema,
): Promise<RecordBatches> {
  const compressors = await loadCompressors();
  const leaves = leavesByColumn(metadata);
  const starts = [0];
  for (const { num_rows } of metadata.row_groups) starts.push(starts[starts.length - 1] + Number(num_rows));

  async function batch(index: number, columns?: readonly number[]): Promise<RecordBatch> {
    const wanted = columns ?? schema.fields.map((_, column) => column);
    const rows = starts[index + 1] - starts[index];
    const blocks = new Map<string, { start: number; values: ArrayLike<unknown> }[]>();
    if (rows > 0 && wanted.length > 0) {
      const names = wanted.map((column) => schema.fields[column].name);
      for (const name of names) blocks.set(name, []);
      await parquetRead({
        file: await verifiedChunks(
          source,
          metadata,
          index,
          wanted.flatMap((column) => leaves[column]),
        ),
        metadata,
        columns: names,
        rowStart: starts[index],
        rowEnd: starts[index + 1],
        compressors,
        onChunk: ({ columnName, columnData, rowStart }) =>
          blocks.get(columnName)?.push({ start: rowStart, values: columnData }),
      });
    }
    const isWanted = new Set(wanted);
    const children = schema.fields.map(({ name, type }, column) =>
      isWanted.has(column) ? arrowData(type, inOrder(blocks.get(name) ?? []), rows) : noData(rows),
    );
    return new RecordBatch(
      schema,
      makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children }),
    );
  }

  return {
    schema,
    count: metadata.row_groups.length,
    batch,
    stored: (index, columns) =>
      columns.length === 2
        ? valuesIn(metadata, index, leaves[columns[1]])
        : valuesIn(
            metadata,
            index,
            columns.flatMap((column) => leaves[column]),
          ),
  };
}

function inOrder(blocks: { start: number; values: ArrayLike<unknown> }[]): ColumnBlocks {
  return blocks.sort((a, b) => a.start - b.start).map(({ values }) => values);
}

/** Physical columns of each column of the schema. */
function leavesByColumn(metadata: FileMetaData): readonly (readonly number[])[] {
  let first = 0;
  return parquetSchema(metadata).children.map((node) => {
    const leaves = Array.from({ length: leavesOf(node) }, (_, i) => first + i);
    first += leaves.length;
    return leaves;
  });
}

function valuesIn(metadata: FileMetaData, index: number, leaves: readonly number[]): number {
  const { columns } = metadata.row_groups[index];
  return leaves.reduce((sum, leaf) => sum + Number(columns[leaf].meta_data?.num_values ?? 0), 0);
}

/**
 * The bytes of the wanted columns, their pages verified, as a file that hyparquet reads: it meets no byte that has
 * not been looked at. What lies between them reads as zero.
 */
async function verifiedChunks(
  source: ByteSource,
  metadata: FileMetaData,
  index: number,
  leaves: readonly number[],
) {
  const wanted = leaves.flatMap((leaf) => metadata.row_groups[index].columns[leaf].meta_data ?? []);
  const bytes = wanted.reduce((sum, meta) => sum + Number(meta.total_uncompressed_size), 0);
  const packed = wanted.reduce((sum, meta) => sum + chunkRange(meta).length, 0);
  if (valuesIn(metadata, index, leaves) > MAX_VALUES || bytes > MAX_BYTES || packed > MAX_BYTES) {
    throw new DataError(
      'too-large',
      'a row group of the Parquet file does not fit into memory; write it with row groups of a few thousand cells',
      'parquet',
    );
  }
  const chunks: { readonly start: number; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];
  for (const meta of wanted) {
    const { start, length } = chunkRange(meta);
    const chunk = await source.read(start, length);
    await verifyPages(chunk, Number(meta.num_values), meta.path_in_schema.join('.'));
    chunks.push({ start, bytes: chunk });
  }
  return {
    byteLength: source.size,
    slice(start: number, end = source.size): ArrayBuffer {
      const piece = new Uint8Array(end - start);
      for (const chunk of chunks) {
        const from = Math.max(start, chunk.start);
        const to = Math.min(end, chunk.start + chunk.bytes.length);
        if (from < to) piece.set(chunk.bytes.subarray(from - chunk.start, to - chunk.start), from - start);
      }
      return piece.buffer;
    },
  };
}

/** The decoders of hyparquet-compressors, but for Zstandard, whose output it does not bound. */
async function loadCompressors(): Promise<Compressors> {
  const { compressors } = await import('hyparquet-compressors');
  return {
    ...compressors,
    ZSTD: (input, length) => unpackZstandard(input, length, 'a page of the Parquet file'),
  };
}
