import type { ByteSource } from '../../model/byte-source.ts';
import { DataError } from '../errors.ts';

/** Larger schemas are not looked into: the reader that follows bounds them in its own way. */
const MAX_SCHEMA = 2 ** 28;

/**
 * Refuses files written with big-endian numbers: apache-arrow never looks and reads 1 as 16,777,216. The mark is a
 * field of the schema, a flatbuffer (Schema.fbs: endianness is field 0), in the footer of a file or the first message
 * of a stream.
 * @throws DataError `unsupported-type`
 */
export async function refuseBigEndian(source: ByteSource, isFile: boolean): Promise<void> {
  const metadata = isFile ? await footer(source) : await firstMessage(source);
  if (metadata === null) return;
  // Footer.fbs: schema is field 1. Message.fbs: header_type is field 1, header field 2.
  const schema = new FlatTable(metadata, metadata.getUint32(0, true)).table(isFile ? 1 : 2);
  if (schema?.int16(0)) {
    throw new DataError(
      'unsupported-type',
      'the Arrow file has big-endian numbers, as machines of another kind write them',
      'big-endian',
    );
  }
}

async function footer(source: ByteSource): Promise<DataView | null> {
  const length = new DataView((await source.read(source.size - 10, 4)).buffer).getInt32(0, true);
  return metadataAt(source, source.size - 10 - length, length);
}

async function firstMessage(source: ByteSource): Promise<DataView | null> {
  if (source.size < 8) return null;
  const head = new DataView((await source.read(0, 8)).buffer);
  const prefix = head.getUint32(0, true) === 0xffffffff ? 4 : 0;
  return metadataAt(source, prefix + 4, head.getInt32(prefix, true));
}

async function metadataAt(source: ByteSource, start: number, length: number): Promise<DataView | null> {
  if (!(length >= 8 && length <= MAX_SCHEMA && start >= 0 && start + length <= source.size)) return null;
  return new DataView((await source.read(start, length)).buffer);
}

/** A table of a flatbuffer: its fields by number, absent ones null (flatbuffers.dev, internals). */
class FlatTable {
  constructor(
    private readonly bytes: DataView,
    private readonly at: number,
  ) {}

  #field(number: number): number | null {
    const vtable = this.at - this.bytes.getInt32(this.at, true);
    const entry = 4 + 2 * number;
    if (entry >= this.bytes.getUint16(vtable, true)) return null;
    const offset = this.bytes.getUint16(vtable + entry, true);
    return offset === 0 ? null : this.at + offset;
  }

  table(number: number): FlatTable | null {
    const field = this.#field(number);
    return field === null ? null : new FlatTable(this.bytes, field + this.bytes.getUint32(field, true));
  }

  int16(number: number): number | null {
    const field = this.#field(number);
    return field === null ? null : this.bytes.getInt16(field, true);
  }
}
