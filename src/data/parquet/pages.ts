import { crc32 } from 'hash-wasm';
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js';
import { parquetCorrupt } from './metadata.ts';

/** A page unpacked at most. */
const MAX_PAGE = 2 ** 28;
/** `PageType` of parquet.thrift. */
const PAGE = { data: 0, dictionary: 2, data2: 3 };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Walks the pages of a column before hyparquet decodes them: it takes an absent field of a header for a number and then
 * reads one byte for ever, and parses checksums without comparing them. Every length is checked against the bytes
 * there are, the values of all pages against the column's, and each page against its CRC-32 where it carries one.
 * @throws DataError `corrupt`
 */
export async function verifyPages(
  bytes: Uint8Array<ArrayBuffer>,
  values: number,
  column: string,
): Promise<void> {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  let seen = 0;
  while (seen < values) {
    if (reader.offset >= bytes.length) throw parquetCorrupt(`${column} has ${seen} of ${values} values`);
    const header = pageHeader(reader, column);
    const size = whole(header.field_3, bytes.length - reader.offset, column);
    const unpacked = whole(header.field_2, MAX_PAGE, column);
    const page = bytes.subarray(reader.offset, reader.offset + size);
    if (
      header.field_4 !== undefined &&
      Number.parseInt(await crc32(page), 16) !== Number(header.field_4) >>> 0
    )
      throw parquetCorrupt(`the checksum of a page of ${column} is wrong`);
    seen += valuesOf(header, values - seen, Math.min(size, unpacked), column);
    reader.offset += size;
  }
  if (reader.offset < bytes.length - 1) throw parquetCorrupt(`${column} goes on after its last value`);
}

function pageHeader(reader: { view: DataView<ArrayBuffer>; offset: number }, column: string): Fields {
  try {
    return deserializeTCompactProtocol(reader);
  } catch (error) {
    throw parquetCorrupt(`a page of ${column} has no header`, error);
  }
}

/** Values of a page that count for the column, its header's fields checked. */
function valuesOf(header: Fields, limit: number, bytes: number, column: string): number {
  if (header.field_1 === PAGE.dictionary) {
    const dictionary = structure(header.field_7, column);
    whole(dictionary.field_1, MAX_PAGE, column);
    whole(dictionary.field_2, 9, column);
    return 0;
  }
  if (header.field_1 === PAGE.data) {
    const data = structure(header.field_5, column);
    whole(data.field_2, 10, column);
    return whole(data.field_1, limit, column);
  }
  if (header.field_1 !== PAGE.data2) throw parquetCorrupt(`${column} has a page of an unknown kind`);
  const data = structure(header.field_8, column);
  const count = whole(data.field_1, limit, column);
  whole(data.field_2, count, column);
  whole(data.field_3, count, column);
  whole(data.field_4, 10, column);
  whole(Number(data.field_5) + Number(data.field_6), bytes, column);
  whole(data.field_5, bytes, column);
  whole(data.field_6, bytes, column);
  return count;
}

function structure(value: unknown, column: string): Fields {
  if (typeof value !== 'object' || value === null)
    throw parquetCorrupt(`a page of ${column} has no header of its kind`);
  return value as Fields;
}

function whole(value: unknown, limit: number, column: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > limit)
    throw parquetCorrupt(`a page of ${column} states an impossible length`);
  return value;
}
