import { crc32 } from 'hash-wasm';
import type { ByteSource } from '../../model/byte-source.ts';
import { DataError } from '../errors.ts';
import { inflateWithin, MOST_PACKED } from '../inflate.ts';

/** Layout after PKWARE's APPNOTE 6.3.10, sections 4.3 and 4.5.3 (Zip64). */
const END = { signature: 0x06054b50, size: 22, comment: 65_535 };
const END_64 = { locator: 0x07064b50, locatorSize: 20, record: 0x06064b50, recordSize: 56 };
const ENTRY = { signature: 0x02014b50, size: 46 };
const LOCAL = { signature: 0x04034b50, size: 30 };
const FULL_32 = 0xffffffff;

/** A directory of more is not read. */
const MAX_DIRECTORY = 2 ** 28;
/** One entry unpacked at most. */
const MAX_ENTRY = 2 ** 30;

interface Entry {
  /** As it stands in the directory. */
  readonly name: Uint8Array;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly unpacked: number;
  readonly header: number;
}

/** A zip file by its directory; entries are read when asked for. */
export interface ZipFile {
  /** Paths of the files in it; of several entries of one path the last counts, as everywhere. */
  readonly paths: readonly string[];
  /** Contents, their checksum verified; null where there is no such path. @throws DataError */
  read(path: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Bytes [offset, offset + length) of it, read alone where the entry is stored as it is. */
  readRange(path: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | null>;
}

/** From the start, or the last bytes. */
export type ByteRange =
  | { readonly offset: number; readonly length: number }
  | { readonly suffixLength: number };

/** Reads the directory at the end of a zip file. @throws DataError `truncated`, `corrupt`, `too-large` */
export async function openZip(source: ByteSource): Promise<ZipFile> {
  const { offset, size, count } = await findDirectory(source);
  if (size > MAX_DIRECTORY) throw new DataError('too-large', 'the zip file lists too many files', 'zip');
  if (offset + size > source.size) throw corrupt('its directory lies beyond its end');
  const entries = readEntries(await source.read(offset, size), count);

  async function dataAt(path: string, entry: Entry): Promise<number> {
    if (entry.header + LOCAL.size > source.size) throw corrupt(`${path} lies beyond its end`);
    const room = Math.min(LOCAL.size + entry.name.length, source.size - entry.header);
    const bytes = await source.read(entry.header, room);
    const local = view(bytes);
    if (local.getUint32(0, true) !== LOCAL.signature) throw corrupt(`${path} is not where it should be`);
    const name = bytes.subarray(LOCAL.size, LOCAL.size + local.getUint16(26, true));
    // No checksum lies over names, but each stands twice.
    if (name.length !== entry.name.length || !name.every((byte, i) => byte === entry.name[i]))
      throw corrupt(`${path} has another name where it lies`);
    const start = entry.header + LOCAL.size + name.length + local.getUint16(28, true);
    if (start + entry.packed > source.size) throw corrupt(`${path} lies beyond its end`);
    return start;
  }

  async function read(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const entry = entries.get(path);
    if (!entry) return null;
    if (entry.unpacked > MAX_ENTRY || entry.packed > MAX_ENTRY)
      throw new DataError('too-large', `${path} of the zip file is too large to unpack`, path);
    if (entry.unpacked > entry.packed * MOST_PACKED + 64)
      throw corrupt(`${path} claims an impossible length`);
    const packed = await source.read(await dataAt(path, entry), entry.packed);
    const bytes =
      entry.method === 0 ? packed : await inflateWithin(packed, 'deflate-raw', entry.unpacked, path);
    if (bytes.length !== entry.unpacked) throw corrupt(`${path} has another length than it says`);
    if (Number.parseInt(await crc32(bytes), 16) !== entry.crc)
      throw corrupt(`the checksum of ${path} is wrong`);
    return bytes;
  }

  return {
    paths: [...entries.keys()],
    read,
    async readRange(path, range) {
      const entry = entries.get(path);
      if (!entry) return null;
      const length = 'offset' in range ? range.length : Math.min(range.suffixLength, entry.unpacked);
      const offset = 'offset' in range ? range.offset : entry.unpacked - length;
      if (!(offset >= 0 && length >= 0 && offset + length <= entry.unpacked))
        throw corrupt(`a part of ${path} lies beyond its end`);
      if (entry.method === 0) return source.read((await dataAt(path, entry)) + offset, length);
      return (await read(path))?.slice(offset, offset + length) ?? null;
    },
  };
}

async function findDirectory(source: ByteSource): Promise<{ offset: number; size: number; count: number }> {
  const length = Math.min(source.size, END.size + END.comment + END_64.locatorSize);
  const tail = view(await source.read(source.size - length, length));
  let at = length - END.size;
  while (at >= 0 && tail.getUint32(at, true) !== END.signature) at--;
  if (at < 0) throw new DataError('truncated', 'the zip file ends before its directory', 'zip');
  const found = {
    count: tail.getUint16(at + 10, true),
    size: tail.getUint32(at + 12, true),
    offset: tail.getUint32(at + 16, true),
  };
  if (found.offset !== FULL_32 && found.size !== FULL_32 && found.count !== 0xffff) return found;
  const locator = at - END_64.locatorSize;
  if (locator < 0 || tail.getUint32(locator, true) !== END_64.locator) return found;
  const record = Number(tail.getBigUint64(locator + 8, true));
  if (record + END_64.recordSize > source.size) throw corrupt('its directory lies beyond its end');
  const end = view(await source.read(record, END_64.recordSize));
  if (end.getUint32(0, true) !== END_64.record) throw corrupt('its directory is not where it should be');
  return {
    count: Number(end.getBigUint64(32, true)),
    size: Number(end.getBigUint64(40, true)),
    offset: Number(end.getBigUint64(48, true)),
  };
}

function readEntries(bytes: Uint8Array, count: number): Map<string, Entry> {
  const directory = view(bytes);
  const entries = new Map<string, Entry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + ENTRY.size > bytes.length || directory.getUint32(at, true) !== ENTRY.signature)
      throw corrupt('its directory is cut off');
    const flags = directory.getUint16(at + 8, true);
    const nameLength = directory.getUint16(at + 28, true);
    const extraLength = directory.getUint16(at + 30, true);
    const next = at + ENTRY.size + nameLength + extraLength + directory.getUint16(at + 32, true);
    if (next > bytes.length) throw corrupt('its directory is cut off');
    const name = bytes.subarray(at + ENTRY.size, at + ENTRY.size + nameLength);
    const path = new TextDecoder().decode(name);
    const method = directory.getUint16(at + 10, true);
    if (!path.endsWith('/')) {
      if ((flags & 1) !== 0) throw new DataError('unsupported-format', 'this zip file is encrypted', 'zip');
      if (method !== 0 && method !== 8)
        throw new DataError(
          'unsupported-filter',
          `the zip file is packed by method ${method}`,
          `zip ${method}`,
        );
      entries.set(path, {
        name,
        method,
        crc: directory.getUint32(at + 16, true),
        ...wideFields(directory, at, at + ENTRY.size + nameLength, extraLength),
      });
    }
    at = next;
  }
  return entries;
}

/** Sizes and place of an entry, from the Zip64 extra field where 32 bits do not hold them. */
function wideFields(directory: DataView, at: number, extra: number, extraLength: number) {
  const fields = {
    unpacked: directory.getUint32(at + 24, true),
    packed: directory.getUint32(at + 20, true),
    header: directory.getUint32(at + 42, true),
  };
  for (let field = extra; field + 4 <= extra + extraLength; ) {
    const end = field + 4 + directory.getUint16(field + 2, true);
    if (directory.getUint16(field, true) === 1 && end <= extra + extraLength) {
      let value = field + 4;
      for (const name of ['unpacked', 'packed', 'header'] as const) {
        if (fields[name] !== FULL_32 || value + 8 > end) continue;
        fields[name] = Number(directory.getBigUint64(value, true));
        value += 8;
      }
    }
    field = end;
  }
  return fields;
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function corrupt(detail: string, cause?: unknown): DataError {
  return new DataError('corrupt', `the zip file is damaged: ${detail}`, 'zip', { cause });
}
