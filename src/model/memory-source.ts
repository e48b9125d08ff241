import { type ByteSource, ShortReadError } from './byte-source.ts';

/** Bytes already in memory as a source. Reads are copies: nobody can write to the original. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.byteLength,
    async read(offset, length) {
      if (offset + length > bytes.byteLength) {
        throw new ShortReadError(offset, length, Math.max(0, bytes.byteLength - offset));
      }
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
  };
}
