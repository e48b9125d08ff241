import { DataError } from './errors.ts';

/** Deflate packs no more than about 1,032 bytes into one. */
export const MOST_PACKED = 1032;

/**
 * Unpacks one piece, stopping as soon as it yields more than it may.
 * @throws DataError `corrupt` where it is damaged or holds more than `limit` bytes
 */
export async function inflateWithin(
  packed: Uint8Array<ArrayBuffer>,
  format: 'deflate' | 'deflate-raw' | 'gzip',
  limit: number,
  subject: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const output = new Uint8Array(Math.min(limit, packed.length * MOST_PACKED + 64));
  let at = 0;
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream(format)).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return output.subarray(0, at);
      if (at + value.length > output.length)
        throw new DataError('corrupt', `${subject} unpacks to more than it says`, subject);
      output.set(value, at);
      at += value.length;
    }
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError('corrupt', `${subject} cannot be unpacked`, subject, { cause: error });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
