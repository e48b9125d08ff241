import type { ByteSource } from '../model/byte-source.ts';

import { isGzip, unpackedHead } from './gzip.ts';

export type FileFormat =
  | { readonly kind: 'hdf5' }
  | { readonly kind: 'arrow-file' }
  | { readonly kind: 'arrow-stream' }
  | { readonly kind: 'parquet' }
  | { readonly kind: 'matrix-market' }
  | { readonly kind: 'zip' }
  /** A gzip file, with what is in it. */
  | { readonly kind: 'gzip'; readonly inside: FileFormat }
  /** Text that is no dataset by itself, with the words a user knows it by. */
  | { readonly kind: 'text'; readonly what: string }
  /** A format we know and do not open. */
  | { readonly kind: 'other'; readonly what: string }
  | { readonly kind: 'unknown' };

const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const MATRIX_MARKET = /^%%MatrixMarket/i;
const HEAD = 4096;

/** Formats people drop by mistake: their first bytes, and what to call them. */
const OTHERS: readonly (readonly [readonly number[], string])[] = [
  [ascii('FEA1'), 'a Feather version 1 file (write it again as version 2)'],
  [ascii('PARE'), 'an encrypted Parquet file'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a Zstandard-compressed file (unpack it first)'],
  [ascii('BZh'), 'a bzip2-compressed file (unpack it first)'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'an xz-compressed file (unpack it first)'],
  [ascii('\x93NUMPY'), 'a NumPy file'],
  [ascii('RDX'), 'an R data file'],
  [ascii('X\n\0\0'), 'an R data file'],
  [ascii('%PDF'), 'a PDF'],
  [[0x89, 0x50, 0x4e, 0x47], 'a picture'],
  [[0xff, 0xd8, 0xff], 'a picture'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel file'],
  [ascii('Obj\x01'), 'an Avro file'],
];

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/**
 * What a file is by its contents; names and endings are not trusted.
 * @throws DataError where a gzip file yields nothing at all
 */
export async function detectFormat(source: ByteSource): Promise<FileFormat> {
  if (source.size === 0) return { kind: 'other', what: 'an empty file' };
  const head = await source.read(0, Math.min(HEAD, source.size));
  if (isGzip(head)) {
    const inside = await unpackedHead(source, HEAD);
    // Of what is packed only the beginning is known: a stream's first message may be as long as it says.
    return { kind: 'gzip', inside: formatOfHead(inside.subarray(0, HEAD), Number.POSITIVE_INFINITY) };
  }
  if (await hasUserBlock(source)) return { kind: 'hdf5' };
  return formatOfHead(head, source.size);
}

function formatOfHead(head: Uint8Array, size: number): FileFormat {
  if (head.length === 0) return { kind: 'other', what: 'an empty file' };
  if (startsWith(head, HDF5) || startsWith(head.subarray(512), HDF5)) return { kind: 'hdf5' };
  if (startsWith(head, ascii('ARROW1'))) return { kind: 'arrow-file' };
  if (startsWith(head, ascii('PAR1'))) return { kind: 'parquet' };
  if (MATRIX_MARKET.test(new TextDecoder('latin1').decode(head.subarray(0, 14))))
    return { kind: 'matrix-market' };
  if (startsWith(head, ascii('PK\x03\x04')) || startsWith(head, ascii('PK\x05\x06'))) return { kind: 'zip' };
  if (isGzip(head)) return { kind: 'other', what: 'a file packed twice (unpack it first)' };
  const known = OTHERS.find(([magic]) => startsWith(head, magic));
  if (known) return { kind: 'other', what: known[1] };
  if (startsWith(head.subarray(257), ascii('ustar'))) {
    return { kind: 'other', what: 'a tar archive (unpack it first)' };
  }
  if (isArrowStream(head, size)) return { kind: 'arrow-stream' };
  return isText(head) ? { kind: 'text', what: textKind(head) } : { kind: 'unknown' };
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, i) => bytes[i] === byte);
}

/** HDF5 allows a user block: the signature may lie at 512, 1024, 2048 … */
async function hasUserBlock(source: ByteSource): Promise<boolean> {
  for (let offset = 512; offset + HDF5.length <= source.size; offset *= 2) {
    if (startsWith(await source.read(offset, HDF5.length), HDF5)) return true;
  }
  return false;
}

/** A stream begins with a schema message: its length (after FFFFFFFF since Arrow 0.15) and a flatbuffer. */
function isArrowStream(head: Uint8Array, size: number): boolean {
  if (head.length < 16) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const at = view.getUint32(0, true) === 0xffffffff ? 4 : 0;
  const length = view.getInt32(at, true);
  const root = view.getUint32(at + 4, true);
  return length >= 16 && length <= size && length % 8 === (at === 4 ? 0 : 4) && root >= 4 && root < length;
}

function isText(head: Uint8Array): boolean {
  return head.every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13);
}

function textKind(head: Uint8Array): string {
  const lines = new TextDecoder().decode(head).split('\n').slice(0, 2);
  const isTable = (separator: string) => {
    const [columns, inSecond] = lines.map((line) => line.split(separator).length);
    return columns > 1 && (inSecond === undefined || inSecond === columns);
  };
  if (isTable('\t')) return 'a text table (TSV)';
  if (isTable(',')) return 'a text table (CSV)';
  return 'a text file';
}
