import type { ByteSource } from '../model/byte-source.ts';
import { joinBytes } from '../model/join-bytes.ts';
import { DataError } from './errors.ts';

/** Bytes read from the file at once. */
const SLICE = 2 ** 20;

/** Whether these are the first bytes of a gzip file. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;
}

/** The bytes of a file in order, in slices. */
async function* slices(source: ByteSource, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < source.size; at += SLICE) {
    signal?.throwIfAborted();
    yield await source.read(at, Math.min(SLICE, source.size - at));
  }
}

/**
 * What a gzip file holds, unpacked as it is read: memory stays within a slice or two.
 * @param limit bytes of contents beyond which it is refused: a thousandth of them may be enough on the disk
 * @throws DataError `too-large`, `truncated`, `corrupt` (the checksum of the contents is verified)
 */
export async function* unpackGzip(
  source: ByteSource,
  limit: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const parts = slices(source, signal);
  const packed = new ReadableStream<BufferSource>({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader();
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      size += value.length;
      if (size > limit) {
        throw new DataError(
          'too-large',
          `the gzip file holds more than ${Math.round(limit / 2 ** 20).toLocaleString('en-US')} MiB; unpack it first (gunzip)`,
        );
      }
      yield value as Uint8Array<ArrayBuffer>;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw gzipFailure(error);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** At least `wanted` first bytes of what a gzip file holds, fewer where it holds or yields no more. */
export async function unpackedHead(source: ByteSource, wanted: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    for await (const part of unpackGzip(source, Number.POSITIVE_INFINITY)) {
      parts.push(part);
      size += part.length;
      if (size >= wanted) break;
    }
  } catch (error) {
    if (size === 0) throw error;
  }
  return joinBytes(parts);
}

/** The contents of a file in order, unpacked where it is gzip. */
export async function* contentsOf(
  source: ByteSource,
  limit: number,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const head = await source.read(0, Math.min(3, source.size));
  if (isGzip(head)) yield* unpackGzip(source, limit, signal);
  else yield* slices(source, signal);
}

function gzipFailure(error: unknown): Error {
  if (error instanceof DataError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (/trailing|junk|after the end|additional/i.test(text)) {
    return new DataError(
      'unsupported-format',
      'this gzip file is packed in several parts (bgzip); unpack it first',
      'bgzip',
      options,
    );
  }
  return /end of|truncated|terminated|incomplete/i.test(text)
    ? new DataError('truncated', 'the gzip file ends before its contents do', '', options)
    : new DataError('corrupt', 'the gzip file cannot be unpacked', '', options);
}
