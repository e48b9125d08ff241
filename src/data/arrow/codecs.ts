import { CompressionType, compressionRegistry } from 'apache-arrow';
import { decompress } from 'fzstd';
import { decodeLz4Frame } from './lz4-frame.ts';

/** Teaches apache-arrow, which has no codecs, the two that Arrow files use (pyarrow's Feather: LZ4). */
export function registerCodecs(): void {
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decodeLz4Frame });
  compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => decompress(bytes) });
}
