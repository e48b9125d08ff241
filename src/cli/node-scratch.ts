import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '../data/errors.ts';
import { ShortReadError } from '../model/byte-source.ts';
import type { ScratchFiles } from '../run/scratch.ts';

const CHUNK = 2 ** 23;

/**
 * Files that the HDF5 library writes on the disk.
 * @param copies folder for copies of whole files: where they are to stay, so that they need only be renamed
 */
export function scratchOnDisk(copies = tmpdir()): ScratchFiles {
  return {
    async create() {
      const folder = mkdtempSync(join(tmpdir(), 'teddy-web-'));
      const path = join(folder, 'export.h5ad');
      return {
        path,
        read: async () => new Uint8Array(readFileSync(path)),
        remove: () => rmSync(folder, { recursive: true, force: true }),
      };
    },
    // What was handed over lies where it was asked to be.
    clear: async () => undefined,
    async copy(_runtime, input, { signal, onProgress }) {
      if (typeof input !== 'string') throw new DataError('unreadable', 'the command line opens paths');
      const folder = mkdtempSync(join(copies, '.teddy-web-'));
      const path = join(folder, 'export.h5ad');
      try {
        await withFile(input, 'r', async (source) => {
          const { size } = await source.stat();
          await withFile(path, 'wx', async (target) => {
            for (let at = 0; at < size; at += CHUNK) {
              signal?.throwIfAborted();
              const length = Math.min(CHUNK, size - at);
              await writeAt(target, at, await readAt(source, at, length));
              onProgress?.({ stage: 'copy', done: at + length, total: size, unit: 'bytes' });
            }
          });
        });
      } catch (error) {
        rmSync(folder, { recursive: true, force: true });
        throw error;
      }
      return {
        path,
        bytes: {
          size: () => withFile(path, 'r', async (file) => (await file.stat()).size),
          read: (offset, length) => withFile(path, 'r', (file) => readAt(file, offset, length)),
          write: (offset, bytes) => withFile(path, 'r+', (file) => writeAt(file, offset, bytes)),
        },
        failure: () => null,
        finish: async () => ({ path }),
        remove: async () => rmSync(folder, { recursive: true, force: true }),
      };
    },
  };
}

async function withFile<T>(path: string, flags: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  const file = await open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let got = 0; got < length; ) {
    const { bytesRead } = await file.read(bytes, got, length - got, offset + got);
    if (bytesRead === 0) throw new ShortReadError(offset, length, got);
    got += bytesRead;
  }
  return bytes;
}

async function writeAt(file: FileHandle, offset: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
  }
}
