import { type ByteSource, ShortReadError } from '../model/byte-source.ts';
import { asStoreError, StoreError } from './errors.ts';
import { withLock } from './locks.ts';

const FOLDER = 'checkpoints';
const ENDING = '.safetensors';

/**
 * Checkpoints of trainings in OPFS, one file a run, so that a reload or a lost device costs minutes. A file is
 * replaced whole or not at all: the browser writes beside it until it is closed.
 */
export class BrowserCheckpointStore {
  /** @param root where the site's private files are; null where there are none */
  constructor(private readonly root: () => Promise<FileSystemDirectoryHandle | null> = privateFiles) {}

  async keys(): Promise<readonly string[]> {
    const folder = await this.#folder();
    const keys: string[] = [];
    if (folder)
      for await (const name of folder.keys())
        if (name.endsWith(ENDING)) keys.push(name.slice(0, -ENDING.length));
    return keys.sort();
  }

  /** null where there is none. */
  async open(key: string): Promise<ByteSource | null> {
    const folder = await this.#folder();
    const handle = await folder?.getFileHandle(key + ENDING).catch(() => null);
    if (!handle) return null;
    const file = await handle.getFile();
    return {
      size: file.size,
      async read(offset, length) {
        const bytes = new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
        if (bytes.length !== length) throw new ShortReadError(offset, length, bytes.length);
        return bytes;
      },
    };
  }

  /** @throws StoreError 'store-absent', 'store-full'; what was there before stays then */
  async write(key: string, content: Uint8Array<ArrayBuffer>): Promise<void> {
    const folder = await this.#folder();
    if (!folder)
      throw new StoreError('store-absent', 'this browser gives the page no private storage for checkpoints');
    await withLock(`checkpoint:${key}`, 'exclusive', async () => {
      const file = await folder
        .getFileHandle(key + ENDING, { create: true })
        .then((handle) => handle.createWritable());
      try {
        await file.write(content);
        await file.close();
      } catch (error) {
        await file.abort().catch(() => undefined);
        throw asStoreError(error);
      }
    });
  }

  async remove(key: string): Promise<void> {
    const folder = await this.#folder();
    await withLock(`checkpoint:${key}`, 'exclusive', async () => {
      await folder?.removeEntry(key + ENDING).catch(() => undefined);
    });
  }

  async #folder(): Promise<FileSystemDirectoryHandle | null> {
    const root = await this.root();
    return root === null ? null : root.getDirectoryHandle(FOLDER, { create: true });
  }
}

async function privateFiles(): Promise<FileSystemDirectoryHandle | null> {
  try {
    return (await globalThis.navigator?.storage?.getDirectory?.()) ?? null;
  } catch {
    return null;
  }
}
