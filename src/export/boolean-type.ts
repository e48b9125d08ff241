/**
 * HDF5's boolean, which h5py and anndata expect, is an enumeration (FALSE = 0, TRUE = 1) of int8;
 * h5wasm 0.10 cannot write enumerations. So booleans are written as a compound of one int8 whose
 * description has exactly as many bytes, and the description is then replaced in the finished file,
 * with the checksum of the object header it stands in. Layouts: "HDF5 File Format Specification
 * Version 3.0", IV.A.1.b (object header v2) and IV.A.2.d (datatype message v3).
 */
const MEMBER = 'boolean0123';

/** As which booleans are to be written; `withBooleans` or `patchBooleans` must follow. */
export const BOOLEAN_DTYPE: [string, string][] = [[MEMBER, '<b']];

/** The value h5wasm wants for that type. */
export function booleanData(values: ArrayLike<number>): Map<string, Int8Array> {
  return new Map([[MEMBER, Int8Array.from(values)]]);
}

const INT8 = [0x10, 0x08, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0];
const AS_WRITTEN = Uint8Array.from([0x36, 1, 0, 0, 1, 0, 0, 0, ...ascii(`${MEMBER}\0`), 0, ...INT8]);
const AS_WANTED = Uint8Array.from([0x38, 2, 0, 0, 1, 0, 0, 0, ...INT8, ...ascii('FALSE\0TRUE\0'), 0, 1]);

const HEADER = ascii('OHDR');
const CONTINUATION = ascii('OCHK');
/** Header chunks of ours are far smaller. */
const LONGEST_CHUNK = 65_536;
/** Bytes of a large file looked through at once. */
const PIECE = 2 ** 23;

/** A file that is changed where it lies. */
export interface ChangeableBytes {
  size(): Promise<number>;
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  write(offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
}

/**
 * The finished file with its booleans as such; changes `bytes` in place.
 * @throws Error where a description stands in no header with a right checksum (h5wasm has changed)
 */
export function withBooleans(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  changeBooleans(bytes, 0, bytes.length);
  return bytes;
}

/**
 * The same for a file of any size, from a place on: read piece by piece, each with what may belong to its ends.
 * @returns how many booleans were found
 * @throws as `withBooleans`
 */
export async function patchBooleans(
  file: ChangeableBytes,
  from: number,
  pause: () => Promise<void>,
): Promise<number> {
  const size = await file.size();
  let found = 0;
  for (let at = from; at < size; at += PIECE) {
    await pause();
    const start = Math.max(0, at - LONGEST_CHUNK);
    const end = Math.min(size, at + PIECE + LONGEST_CHUNK);
    const piece = await file.read(start, end - start);
    const here = changeBooleans(piece, at - start, Math.min(at + PIECE, size) - start);
    if (here > 0) await file.write(start, piece);
    found += here;
  }
  return found;
}

/** Changes the descriptions that begin in [from, to) and the checksums over them. @returns how many */
function changeBooleans(bytes: Uint8Array<ArrayBuffer>, from: number, to: number): number {
  let found = 0;
  for (let at = find(bytes, AS_WRITTEN, from); at >= 0 && at < to; at = find(bytes, AS_WRITTEN, at + 1)) {
    const { start, end } = headerChunk(bytes, at);
    bytes.set(AS_WANTED, at);
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(end, lookup3(bytes, start, end), true);
    found++;
  }
  return found;
}

/** The header chunk around a place: from its signature to its checksum, which must be right. */
function headerChunk(bytes: Uint8Array<ArrayBuffer>, at: number): { start: number; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let start = at; start >= Math.max(0, at - LONGEST_CHUNK); start--) {
    if (!startsWith(bytes, HEADER, start) && !startsWith(bytes, CONTINUATION, start)) continue;
    const last = Math.min(start + LONGEST_CHUNK, bytes.length - 4);
    for (let end = at + AS_WRITTEN.length; end <= last; end++) {
      if (view.getUint32(end, true) === lookup3(bytes, start, end)) return { start, end };
    }
  }
  throw new Error('a boolean column could not be written: its header was not found');
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function startsWith(bytes: Uint8Array, pattern: Uint8Array, at: number): boolean {
  return pattern.every((byte, i) => bytes[at + i] === byte);
}

function find(bytes: Uint8Array, pattern: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(pattern[0], from); at >= 0; at = bytes.indexOf(pattern[0], at + 1)) {
    if (startsWith(bytes, pattern, at)) return at;
  }
  return -1;
}

/** Bob Jenkins' lookup3 `hashlittle` with initial value 0 (public domain), HDF5's metadata checksum. */
export function lookup3(bytes: Uint8Array, start: number, end: number): number {
  const rotate = (x: number, k: number) => (x << k) | (x >>> (32 - k));
  const word = (at: number) => {
    let value = 0;
    for (let i = 0; i < 4 && at + i < end; i++) value |= bytes[at + i] << (8 * i);
    return value;
  };
  const initial = (0xdeadbeef + (end - start)) | 0;
  let [a, b, c] = [initial, initial, initial];
  let at = start;
  for (; end - at > 12; at += 12) {
    a = (a + word(at)) | 0;
    b = (b + word(at + 4)) | 0;
    c = (c + word(at + 8)) | 0;
    a = ((a - c) ^ rotate(c, 4)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 6)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 8)) | 0;
    b = (b + a) | 0;
    a = ((a - c) ^ rotate(c, 16)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 19)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 4)) | 0;
    b = (b + a) | 0;
  }
  if (at === end) return c >>> 0;
  a = (a + word(at)) | 0;
  b = (b + word(at + 4)) | 0;
  c = (c + word(at + 8)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}
