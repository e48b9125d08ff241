import type { ByteSource } from '../../model/byte-source.ts';
import { DataError } from '../errors.ts';
import { type FieldRule, FlatTable, type TableRule } from './flatbuffer.ts';

/**
 * The metadata of Arrow files and streams (Schema.fbs, Message.fbs, File.fbs of the format), verified before
 * apache-arrow reads it: that library trusts every offset and length, and never looks at the byte order.
 */

const text: FieldRule = { kind: 'text' };
const values = (size: number): FieldRule => ({ kind: 'values', size });
const KEY_VALUE: TableRule = [text, text];
const keyValues: FieldRule = { kind: 'tables', of: () => KEY_VALUE };

const TYPE = { timestamp: 10, union: 14 } as const;
const typeRule = (type: number): TableRule => {
  if (type === TYPE.timestamp) return [null, text];
  return type === TYPE.union ? [null, values(4)] : [];
};
const DICTIONARY_ENCODING: TableRule = [null, { kind: 'table', of: () => [] }];
const FIELD: TableRule = [
  text,
  null,
  null,
  { kind: 'union', of: typeRule },
  { kind: 'table', of: () => DICTIONARY_ENCODING },
  { kind: 'tables', of: () => FIELD },
  keyValues,
];
const SCHEMA: TableRule = [null, { kind: 'tables', of: () => FIELD }, keyValues, values(8)];
const RECORD_BATCH: TableRule = [null, values(16), values(16), { kind: 'table', of: () => [] }, values(8)];
const DICTIONARY_BATCH: TableRule = [null, { kind: 'table', of: () => RECORD_BATCH }];

const HEADER = { schema: 1, dictionary: 2, batch: 3 } as const;
const headerRule = (type: number): TableRule => {
  if (type === HEADER.schema) return SCHEMA;
  if (type === HEADER.dictionary) return DICTIONARY_BATCH;
  return type === HEADER.batch ? RECORD_BATCH : [];
};
const MESSAGE: TableRule = [null, null, { kind: 'union', of: headerRule }, null, keyValues];
const BLOCK_BYTES = 24;
const FOOTER: TableRule = [
  null,
  { kind: 'table', of: () => SCHEMA },
  values(BLOCK_BYTES),
  values(BLOCK_BYTES),
  keyValues,
];

const MAGIC = 'ARROW1';
/** Length of the footer and the magic at the end of a file. */
const TAIL = 10;
/** Larger metadata than a schema of a million columns. */
const MAX_METADATA = 2 ** 28;

/**
 * The footer of an Arrow file and the messages it lists.
 * @throws DataError `corrupt`, `truncated`; `unsupported-type` for big-endian numbers
 */
export async function verifyFile(source: ByteSource): Promise<void> {
  const tail = await source.read(source.size - TAIL, TAIL);
  const length = new DataView(tail.buffer).getInt32(0, true);
  if (new TextDecoder().decode(tail.subarray(4)) !== MAGIC) throw cutOff();
  if (!(length > 0 && length <= Math.min(source.size - 20, MAX_METADATA))) throw damaged();
  const footer = FlatTable.verified(await viewOf(source, source.size - TAIL - length, length), FOOTER);
  refuseBigEndian(footer.table(1));
  for (const field of [2, 3]) {
    for (const block of footer.structs(field, BLOCK_BYTES)) {
      const offset = Number(block.getBigInt64(0, true));
      if (!(offset >= 8 && offset < source.size)) throw damaged();
      if ((await verifyMessage(source, offset)) === null) throw damaged();
    }
  }
}

/**
 * The messages of an Arrow stream, one after the other.
 * @throws DataError as verifyFile
 */
export async function verifyStream(source: ByteSource): Promise<void> {
  for (let at: number | null = 0; at !== null; ) at = await verifyMessage(source, at);
}

/** @returns where the next message begins; null where the stream ends */
async function verifyMessage(source: ByteSource, offset: number): Promise<number | null> {
  if (offset + 8 > source.size) return null;
  const prefix = await viewOf(source, offset, 8);
  const continued = prefix.getUint32(0, true) === 0xffffffff;
  const length = prefix.getInt32(continued ? 4 : 0, true);
  const start = offset + (continued ? 8 : 4);
  if (length === 0) return null;
  if (length < 0 || length > MAX_METADATA) throw damaged();
  if (start + length > source.size) throw cutOff();
  const message = FlatTable.verified(await viewOf(source, start, length), MESSAGE);
  if (message.byte(1) === HEADER.schema) refuseBigEndian(message.table(2));
  const body = Number(message.int64(3));
  if (!(body >= 0)) throw damaged();
  if (start + length + body > source.size) throw cutOff();
  return start + length + body;
}

/** apache-arrow would read 1 as 16,777,216. */
function refuseBigEndian(schema: FlatTable | null): void {
  if (schema === null) throw damaged();
  if (schema.int16(0) !== 0) {
    throw new DataError(
      'unsupported-type',
      'the Arrow file has big-endian numbers, as machines of another kind write them',
      'big-endian',
    );
  }
}

async function viewOf(source: ByteSource, offset: number, length: number): Promise<DataView> {
  return new DataView((await source.read(offset, length)).buffer, 0, length);
}

function damaged(): DataError {
  return new DataError('corrupt', 'the description of what the Arrow file holds is damaged');
}

function cutOff(): DataError {
  return new DataError('truncated', 'the Arrow file ends before its contents do');
}
