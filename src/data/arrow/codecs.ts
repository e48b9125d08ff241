import { CompressionType, compressionRegistry } from 'apache-arrow';
import { unpackZstandard } from '../zstandard.ts';
import { decodeLz4Frame } from './lz4-frame.ts';

/** Teaches apache-arrow, which has no codecs, the two that Arrow files use (pyarrow's Feather: LZ4). */
export function registerCodecs(): void {
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame });
  compressionRegistry.set(CompressionType.ZSTD, { decode: decodeZstandard });
}

/** A buffer of a record batch unpacked at most. */
const MAX_BUFFER = 2 ** 30;

/** apache-arrow views the bytes as 64-bit values, so they must lie aligned: these begin their memory. */
function decodeZstandard(bytes: Uint8Array): Uint8Array {
  return unpackZstandard(bytes, MAX_BUFFER, 'a Zstandard buffer of the Arrow file');
}
