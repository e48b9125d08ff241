import { type ByteSource, ShortReadError } from '../model/byte-source.ts';

/** A dropped File (or any Blob) read in slices. */
export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    async read(offset, length) {
      const bytes = new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
      if (bytes.length !== length) throw new ShortReadError(offset, length, bytes.length);
      return bytes;
    },
  };
}
