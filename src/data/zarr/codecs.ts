import { crc32 } from 'hash-wasm';
import { registry } from 'zarrita';
import { DataError } from '../errors.ts';
import { inflateWithin } from '../inflate.ts';
import { decodeLz4Block, GrowingBytes } from '../lz4-block.ts';
import { unpackZstandard } from '../zstandard.ts';
import { unpackBlosc } from './blosc.ts';
import { type NumberType, sizeOfNumber } from './metadata.ts';

/** Codecs we let zarrita use, by what the metadata of either version call them. */
export const CODECS: ReadonlySet<string> = new Set(
  [
    'bytes',
    'transpose',
    'sharding_indexed',
    'crc32c',
    'vlen-utf8',
    'zstd',
    'gzip',
    'zlib',
    'blosc',
    'lz4',
    'shuffle',
    'delta',
  ].flatMap((name) => [name, `numcodecs.${name}`]),
);

/** Text of one chunk at most; of numbers the chunk's shape tells. */
const MAX_TEXT = 2 ** 29;
/** What checksums, headers and frames may add. */
const SLACK = 4096;
const CASTAGNOLI = 0x82f63b78;

interface ChunkMeta {
  readonly dataType: string;
  readonly shape: readonly number[];
}

type Bytes = Uint8Array<ArrayBuffer>;

let installed = false;

/**
 * Puts codecs of ours in place of zarrita's, for all arrays: zarrita takes crc32c off without looking, its text
 * decoder ignores where a view begins, none of its decoders bounds what comes out of a chunk, and those of Blosc and
 * LZ4 make functions of text, which the page's policy forbids.
 */
export function installCodecs(): void {
  if (installed) return;
  installed = true;
  for (const [name, decode] of Object.entries(DECODERS)) {
    const loader = async () => bytesCodec(decode);
    registry.set(name, loader).set(`numcodecs.${name}`, loader);
  }
  // zarrita types codecs of bytes alone.
  const text = (async () => TextCodec) as unknown as NonNullable<ReturnType<typeof registry.get>>;
  registry.set('vlen-utf8', text).set('numcodecs.vlen-utf8', text);
}

type Decode = (bytes: Bytes, limit: number) => Bytes | Promise<Bytes>;

const DECODERS: Readonly<Record<string, Decode>> = {
  gzip: (bytes, limit) => inflateWithin(bytes, 'gzip', limit, 'a chunk'),
  zlib: (bytes, limit) => inflateWithin(bytes, 'deflate', limit, 'a chunk'),
  zstd: (bytes, limit) => unpackZstandard(bytes, limit, 'a chunk'),
  blosc: (bytes, limit) => unpackBlosc(bytes, limit),
  lz4: (bytes, limit) => {
    // numcodecs puts the length before the block.
    const size = bytes.length < 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    if (size > limit) throw corrupt('a chunk unpacks to more than its shape');
    const output = new GrowingBytes(size);
    decodeLz4Block(bytes.subarray(4), output, size);
    return output.bytes.subarray(0, output.length);
  },
  crc32c: async (bytes) => {
    if (bytes.length < 4) throw corrupt('a chunk is shorter than its checksum');
    const contents = bytes.subarray(0, -4);
    const stated = new DataView(bytes.buffer, bytes.byteOffset + contents.length, 4).getUint32(0, true);
    if (Number.parseInt(await crc32(contents, CASTAGNOLI), 16) !== stated)
      throw corrupt('the checksum of a chunk is wrong');
    return contents;
  },
};

function bytesCodec(decode: Decode) {
  return {
    fromConfig: (_configuration: unknown, meta: ChunkMeta) => ({
      kind: 'bytes_to_bytes' as const,
      encode(): never {
        throw new Error('zarr is only read');
      },
      decode: (bytes: Bytes) => decode(bytes, limitOf(meta)),
      computeEncodedSize: (size: number) => size + (decode === DECODERS.crc32c ? 4 : 0),
    }),
  };
}

/** Bytes a chunk may unpack to. */
function limitOf({ dataType, shape }: ChunkMeta): number {
  const elements = shape.reduce((all, extent) => all * extent, 1);
  const width = /^v2:([US])(\d+)$/.exec(dataType);
  if (width) return elements * Number(width[2]) * (width[1] === 'U' ? 4 : 1) + SLACK;
  if (dataType === 'string' || dataType === 'v2:object') return MAX_TEXT;
  return elements * sizeOfNumber(dataType as NumberType) + SLACK;
}

/** Texts of any length: their number, then each with its length before it (numcodecs' vlen-utf8). */
class TextCodec {
  readonly kind = 'array_to_bytes' as const;
  constructor(private readonly shape: readonly number[]) {}

  static fromConfig(_configuration: unknown, meta: ChunkMeta): TextCodec {
    return new TextCodec(meta.shape);
  }

  encode(): never {
    throw new Error('zarr is only read');
  }

  decode(bytes: Bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const decoder = new TextDecoder();
    const count = this.shape.reduce((all, extent) => all * extent, 1);
    if (bytes.length < 4 || view.getUint32(0, true) !== count)
      throw corrupt('a chunk of text has another length');
    const data: string[] = [];
    let at = 4;
    for (let i = 0; i < count; i++) {
      const end = at + 4 <= bytes.length ? at + 4 + view.getUint32(at, true) : Number.POSITIVE_INFINITY;
      if (end > bytes.length) throw corrupt('a chunk of text is cut off');
      data.push(decoder.decode(bytes.subarray(at + 4, end)));
      at = end;
    }
    return { data, shape: [...this.shape], stride: this.shape.map((_, axis) => strideOf(this.shape, axis)) };
  }
}

function strideOf(shape: readonly number[], axis: number): number {
  return shape.slice(axis + 1).reduce((all, extent) => all * extent, 1);
}

function corrupt(detail: string): DataError {
  return new DataError('corrupt', `the zarr store is damaged: ${detail}`, 'zarr');
}
