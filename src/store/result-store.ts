import * as v from 'valibot';
import { asStoreError, StoreError } from './errors.ts';
import { withLock } from './locks.ts';
import { readRecord, type SetAside, schemaField } from './stored-record.ts';

const FOLDER = 'results';
const ABOUT = 'about.json';
const DATA = 'data';
const SCHEMA = 'teddy-web/kept-results/1';

const text = v.pipe(v.string(), v.maxLength(1000));
const ABOUT_SCHEMA = v.object({
  schema: schemaField(SCHEMA),
  fileName: text,
  cells: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  model: text,
  keptAt: text,
  bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});

/** What is known of kept results without opening them. */
export interface AboutResults {
  /** Name to save the file under. */
  readonly fileName: string;
  readonly cells: number;
  readonly model: string;
  /** ISO 8601. */
  readonly keptAt: string;
}

/** Results of a dataset kept in this browser because the user asked: one exported file each. */
export interface KeptResults extends AboutResults {
  readonly id: string;
  readonly bytes: number;
}

/** The browser's private file system, or null where there is none (or the user forbids it). */
export async function openResultStore(): Promise<ResultStore | null> {
  try {
    const root = await globalThis.navigator?.storage?.getDirectory?.();
    return root ? new ResultStore(await root.getDirectoryHandle(FOLDER, { create: true })) : null;
  } catch {
    return null;
  }
}

/** Kept results in OPFS, shared by all tabs of the site; nothing comes here by itself. */
export class ResultStore {
  constructor(private readonly folder: FileSystemDirectoryHandle) {}

  /**
   * Newest first, and what cannot be read here: results of another version, damaged records. What an
   * interrupted write left is neither.
   */
  async list(): Promise<{ readonly kept: readonly KeptResults[]; readonly setAside: readonly SetAside[] }> {
    const kept: KeptResults[] = [];
    const setAside: SetAside[] = [];
    for await (const [id, handle] of this.folder.entries()) {
      if (handle.kind !== 'directory') continue;
      const found = await readRecord(
        handle as FileSystemDirectoryHandle,
        ABOUT,
        ABOUT_SCHEMA,
        'fileName',
      ).catch(() => null);
      if (found?.kind === 'set-aside') setAside.push({ id, name: found.name, why: found.why });
      if (found?.kind !== 'sound') continue;
      const { schema: _, ...about } = found.value;
      kept.push({ id, ...about });
    }
    kept.sort((a, b) => b.keptAt.localeCompare(a.keptAt));
    return { kept, setAside };
  }

  /**
   * Keeps a file of results.
   * @throws StoreError 'store-full'; what was written is removed
   */
  put(about: AboutResults, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
    const id = crypto.randomUUID();
    return withLock(`results:${id}`, 'exclusive', async () => {
      try {
        const folder = await this.folder.getDirectoryHandle(id, { create: true });
        await write(folder, DATA, bytes);
        // Written last: a folder without it holds no results yet.
        await write(folder, ABOUT, JSON.stringify({ schema: SCHEMA, ...about, bytes: bytes.length }));
        return id;
      } catch (error) {
        await this.folder.removeEntry(id, { recursive: true }).catch(() => undefined);
        throw asStoreError(error);
      }
    });
  }

  /**
   * The file as it was kept.
   * @throws StoreError 'results-gone' where the browser has evicted it
   */
  read(id: string): Promise<Blob> {
    return withLock(`results:${id}`, 'shared', async () => {
      try {
        return await (await (await this.folder.getDirectoryHandle(id)).getFileHandle(DATA)).getFile();
      } catch (error) {
        throw new StoreError('results-gone', `the kept results ${id} are no longer there`, { cause: error });
      }
    });
  }

  /** Removes kept results; those already gone are no error. */
  delete(id: string): Promise<void> {
    return withLock(`results:${id}`, 'exclusive', () =>
      this.folder.removeEntry(id, { recursive: true }).catch((error: unknown) => {
        if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
      }),
    );
  }
}

async function write(
  folder: FileSystemDirectoryHandle,
  name: string,
  content: Uint8Array<ArrayBuffer> | string,
): Promise<void> {
  const file = await (await folder.getFileHandle(name, { create: true })).createWritable();
  try {
    await file.write(content);
    await file.close();
  } catch (error) {
    await file.abort().catch(() => undefined);
    throw error;
  }
}
