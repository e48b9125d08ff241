import { Decompress } from 'fzstd';
import { DataError } from './errors.ts';

/**
 * Unpacks Zstandard frames, stopping as soon as they yield more than they may: what a frame's header announces is
 * not allocated for.
 * @throws DataError `corrupt`
 */
export function unpackZstandard(bytes: Uint8Array, limit: number, subject: string): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = new Decompress((part) => {
    size += part.length;
    if (size > limit) throw new DataError('corrupt', `${subject} unpacks to more than it may`, subject);
    // The decoder goes on writing to what it has handed out.
    parts.push(part.slice());
  });
  try {
    stream.push(bytes, true);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError('corrupt', `${subject} cannot be unpacked`, subject, { cause: error });
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
