import { type ByteSource, ShortReadError } from '../model/byte-source.ts';

/**
 * A large file in OPFS is a folder of segments: each is written and closed for itself, so that a write
 * never holds more than one in memory and an interrupted download goes on after the last whole one.
 */
export const SEGMENT_BYTES = 32 * 2 ** 20;

export interface SegmentOptions {
  readonly segmentBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the file written so far. */
  readonly onBytes?: ((written: number) => void) | undefined;
}

/** Bytes in whole segments at the start of the file: where writing can go on. */
export async function writtenBytes(
  folder: FileSystemDirectoryHandle,
  segmentBytes = SEGMENT_BYTES,
): Promise<number> {
  const sizes = new Map<string, number>();
  for await (const [name, handle] of folder.entries()) {
    if (handle.kind === 'file') sizes.set(name, (await (handle as FileSystemFileHandle).getFile()).size);
  }
  let whole = 0;
  while (sizes.get(segmentName(whole)) === segmentBytes) whole++;
  return whole * segmentBytes;
}

/**
 * Writes chunks as segments from `offset` (a multiple of the segment size) on.
 * @returns bytes of the file in all
 * @throws what the file system throws (QuotaExceededError), or the signal's reason
 */
export async function writeSegments(
  folder: FileSystemDirectoryHandle,
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
  offset: number,
  { segmentBytes = SEGMENT_BYTES, signal, onBytes }: SegmentOptions = {},
): Promise<number> {
  let written = offset;
  let segment: Uint8Array<ArrayBuffer>[] = [];
  let held = 0;
  const flush = async (): Promise<void> => {
    const name = segmentName(Math.floor(written / segmentBytes));
    const handle = await folder.getFileHandle(name, { create: true });
    const file = await handle.createWritable();
    try {
      for (const part of segment) await file.write(part);
      await file.close();
    } catch (error) {
      await file.abort().catch(() => undefined);
      throw error;
    }
    written += held;
    segment = [];
    held = 0;
  };
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    for (let at = 0; at < chunk.length; ) {
      const part = chunk.subarray(at, at + segmentBytes - held);
      segment.push(part);
      held += part.length;
      at += part.length;
      if (held === segmentBytes) await flush();
    }
    onBytes?.(written + held);
  }
  signal?.throwIfAborted();
  if (held > 0 || written === 0) await flush();
  return written;
}

/** The segments of a folder as one file of `size` bytes. */
export function segmentedSource(
  folder: FileSystemDirectoryHandle,
  size: number,
  segmentBytes = SEGMENT_BYTES,
): ByteSource {
  return {
    size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const at = offset + done;
        const within = at % segmentBytes;
        const wanted = Math.min(length - done, segmentBytes - within);
        const handle = await folder.getFileHandle(segmentName(Math.floor(at / segmentBytes)));
        const file = await handle.getFile();
        const part = new Uint8Array(await file.slice(within, within + wanted).arrayBuffer());
        if (part.length !== wanted) throw new ShortReadError(offset, length, done + part.length);
        bytes.set(part, done);
        done += wanted;
      }
      return bytes;
    },
  };
}

function segmentName(index: number): string {
  return String(index).padStart(5, '0');
}
