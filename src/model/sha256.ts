import { createSHA256 } from 'hash-wasm';
import type { ByteSource } from './byte-source.ts';

const CHUNK = 4 * 1024 * 1024;

export interface HashOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes hashed so far and in all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Hex SHA-256 of a source, read in chunks: the browser's own digest wants all of it in memory. */
export async function sha256(source: ByteSource, { signal, onProgress }: HashOptions = {}): Promise<string> {
  const hash = await createSHA256();
  for (let at = 0; at < source.size; at += CHUNK) {
    signal?.throwIfAborted();
    const chunk = await source.read(at, Math.min(CHUNK, source.size - at));
    hash.update(chunk);
    onProgress?.(at + chunk.length, source.size);
  }
  return hash.digest('hex');
}
