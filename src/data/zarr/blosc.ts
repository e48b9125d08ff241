import { snappyUncompress } from 'hyparquet';
import { DataError } from '../errors.ts';
import { inflateWithin } from '../inflate.ts';
import { decodeLz4Block, GrowingBytes } from '../lz4-block.ts';
import { unpackZstandard } from '../zstandard.ts';
import { decodeBloscLz } from './blosclz.ts';
import { unshuffleBits, unshuffleBytes } from './shuffle.ts';

/** Chunk format of c-blosc 1 (README_CHUNK_FORMAT.rst): bits of the third byte of the header. */
const FLAGS = { byteShuffle: 0x1, stored: 0x2, bitShuffle: 0x4, unsplit: 0x10 };
const HEADER = 16;
/** Blocks of wide elements, and small ones, are not split by byte (c-blosc's MAX_SPLITS, MIN_BUFFERSIZE). */
const MAX_SPLITS = 16;
const MIN_SPLIT = 128;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Unpacks one Blosc chunk, what zarr v2 writes unless told otherwise.
 * @param limit bytes it may unpack to
 * @throws DataError `corrupt`, `unsupported-filter`
 */
export async function unpackBlosc(chunk: Bytes, limit: number): Promise<Bytes> {
  if (chunk.length < HEADER) throw corrupt('it has no header');
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const flags = chunk[2];
  const width = chunk[3];
  const size = view.getUint32(4, true);
  const blockSize = view.getUint32(8, true);
  if (size > limit) throw corrupt('it unpacks to more than its shape');
  if (size === 0) return new Uint8Array(0);
  if ((flags & FLAGS.stored) !== 0) {
    if (chunk.length < HEADER + size) throw corrupt('it is cut off');
    return chunk.slice(HEADER, HEADER + size);
  }
  const blocks = Math.ceil(size / blockSize);
  if (!(blockSize > 0 && width > 0 && HEADER + 4 * blocks <= chunk.length))
    throw corrupt('its header is wrong');
  const output = new Uint8Array(size);
  for (let block = 0; block < blocks; block++) {
    const length = Math.min(blockSize, size - block * blockSize);
    const isLast = length < blockSize;
    const splits =
      (flags & FLAGS.unsplit) === 0 && !isLast && width <= MAX_SPLITS && length / width >= MIN_SPLIT
        ? width
        : 1;
    const unpacked = await unpackBlock(
      chunk,
      view.getUint32(HEADER + 4 * block, true),
      length,
      splits,
      flags >> 5,
    );
    output.set(unshuffled(unpacked, width, flags), block * blockSize);
  }
  return output;
}

/** The parts of one block, each with its packed length before it; one as long as unpacked is stored as it is. */
async function unpackBlock(
  chunk: Bytes,
  start: number,
  length: number,
  splits: number,
  format: number,
): Promise<Bytes> {
  const block = new Uint8Array(length);
  const part = Math.floor(length / splits);
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  let at = start;
  for (let split = 0; split < splits; split++) {
    if (at + 4 > chunk.length) throw corrupt('it is cut off');
    const packed = view.getUint32(at, true);
    at += 4;
    if (at + packed > chunk.length) throw corrupt('it is cut off');
    const bytes = chunk.subarray(at, at + packed);
    const unpacked = packed === part ? bytes : await decompress(bytes, part, format);
    if (unpacked.length !== part) throw corrupt('a block has another length than it says');
    block.set(unpacked, split * part);
    at += packed;
  }
  return block;
}

async function decompress(bytes: Bytes, size: number, format: number): Promise<Uint8Array> {
  switch (format) {
    case 0:
      return decodeBloscLz(bytes, size);
    case 1: {
      const output = new GrowingBytes(size);
      decodeLz4Block(bytes, output, size);
      return output.bytes.subarray(0, output.length);
    }
    case 2: {
      const output = new Uint8Array(size);
      try {
        snappyUncompress(bytes, output);
      } catch (error) {
        throw corrupt('a Snappy block cannot be unpacked', error);
      }
      return output;
    }
    case 3:
      return inflateWithin(bytes, 'deflate', size, 'a Blosc block');
    case 4:
      return unpackZstandard(bytes, size, 'a Blosc block');
    default:
      throw new DataError(
        'unsupported-filter',
        `Blosc with the compressor ${format} is not at hand`,
        'blosc',
      );
  }
}

function unshuffled(block: Bytes, width: number, flags: number): Uint8Array {
  if ((flags & FLAGS.byteShuffle) !== 0 && width > 1) return unshuffleBytes(block, width);
  return (flags & FLAGS.bitShuffle) !== 0 ? unshuffleBits(block, width) : block;
}

function corrupt(detail: string, cause?: unknown): DataError {
  return new DataError('corrupt', `a Blosc chunk of the zarr store is damaged: ${detail}`, 'blosc', {
    cause,
  });
}
