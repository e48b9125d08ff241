import { type RecordBatch, RecordBatchReader, type Schema } from 'apache-arrow';
import type { ByteSource } from '../../model/byte-source.ts';
import { ShortReadError } from '../../model/byte-source.ts';
import { memorySource } from '../../model/memory-source.ts';
import { DataError } from '../errors.ts';
import { registerCodecs } from './codecs.ts';
import { verifyFile, verifyStream } from './metadata.ts';

const MAGIC = 'ARROW1';
/** A stream has no table of contents: it is kept in memory up to this size. */
const MAX_STREAM = 1_500_000_000;
const MAX_BATCHES = 10_000_000;

/** The record batches of an Arrow file (read one at a time) or stream (in memory). */
export interface RecordBatches {
  readonly schema: Schema;
  readonly count: number;
  /**
   * @param columns that are wanted, by position; a format that stores columns apart may leave the others out
   * @throws DataError `corrupt`, `truncated`.
   */
  batch(index: number, columns?: readonly number[]): Promise<RecordBatch>;
  /** Counts stored in a batch, where the file tells without being read. @param columns of the counts */
  stored?(index: number, columns: readonly number[]): number;
}

/** @throws DataError where the bytes are no Arrow IPC file or stream. */
export async function openRecordBatches(source: ByteSource): Promise<RecordBatches> {
  registerCodecs();
  try {
    const start = source.size >= 8 ? await source.read(0, 6) : new Uint8Array(0);
    return new TextDecoder().decode(start) === MAGIC ? await openFile(source) : await openStream(source);
  } catch (error) {
    throw arrowFailure(error);
  }
}

async function openFile(source: ByteSource): Promise<RecordBatches> {
  await verifyFile(source);
  const reader = await RecordBatchReader.from(fileHandle(source));
  await reader.open({ autoDestroy: false });
  if (!reader.isFile() || !reader.isAsync()) throw new DataError('corrupt', 'the Arrow file is damaged');
  const count = reader.numRecordBatches;
  if (!(count >= 0 && count <= MAX_BATCHES)) throw new DataError('corrupt', 'the Arrow footer is damaged');
  return {
    schema: reader.schema,
    count,
    async batch(index) {
      try {
        const batch = await reader.readRecordBatch(index);
        if (batch === null)
          throw new DataError('corrupt', `record batch ${index} of the Arrow file is missing`);
        return batch;
      } catch (error) {
        throw arrowFailure(error);
      }
    },
  };
}

async function openStream(source: ByteSource): Promise<RecordBatches> {
  if (source.size > MAX_STREAM) {
    throw new DataError(
      'too-large',
      'an Arrow stream of this size does not fit into memory; write it as an Arrow file (Feather)',
    );
  }
  const bytes = await source.read(0, source.size);
  await verifyStream(memorySource(bytes));
  const reader = RecordBatchReader.from(bytes);
  reader.open({ autoDestroy: false });
  const { schema } = reader;
  if (!schema) throw new DataError('corrupt', 'the Arrow stream has no schema');
  const batches: RecordBatch[] = [];
  for (const batch of reader) batches.push(batch);
  return { schema, count: batches.length, batch: async (index) => batches[index] };
}

/** What apache-arrow takes for a Node FileHandle: reads at positions. */
function fileHandle(source: ByteSource) {
  const handle = {
    fd: 0,
    stat: async () => ({ size: source.size }),
    async read(buffer: Uint8Array, offset: number, length: number, position: number) {
      buffer.set(await source.read(position, length), offset);
      return { bytesRead: length, buffer };
    },
    async close() {},
  };
  return handle as unknown as Parameters<typeof RecordBatchReader.from>[0] & typeof handle;
}

/** A DataError for whatever a damaged Arrow file makes the library throw. */
export function arrowFailure(error: unknown): DataError {
  if (error instanceof DataError) return error;
  const options = { cause: error };
  if (error instanceof ShortReadError || /Expected to read \d+ .*bytes|read \d+ bytes/.test(String(error))) {
    return new DataError('truncated', 'the Arrow file ends before its contents do', '', options);
  }
  const explained = error instanceof Error && !(error instanceof TypeError || error instanceof RangeError);
  const detail = explained ? `cannot be read: ${error.message.split('\n')[0]}` : 'is damaged';
  return new DataError('corrupt', `the Arrow file ${detail}`, '', options);
}
