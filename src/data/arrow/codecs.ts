import { CompressionType, compressionRegistry } from 'apache-arrow';
import { decompress } from 'fzstd';
import { decodeLz4Frame } from './lz4-frame.ts';

/** Teaches apache-arrow, which has no codecs, the two that Arrow files use (pyarrow's Feather: LZ4). */
export function registerCodecs(): void {
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame });
  compressionRegistry.set(CompressionType.ZSTD, { decode: decodeZstandard });
}

/** apache-arrow views the bytes as 64-bit values, so they must lie aligned. */
function decodeZstandard(bytes: Uint8Array): Uint8Array {
  const decoded = decompress(bytes);
  return decoded.byteOffset % 8 === 0 ? decoded : decoded.slice();
}
