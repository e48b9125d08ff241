import { asStoreError, StoreError } from './errors.ts';

const FOLDER = 'exports';
const LOCK = 'teddy-web:export:';

/** A file in OPFS that a worker changes in place, until it is taken or removed. */
export interface StoredScratch {
  readonly handle: FileSystemSyncAccessHandle;
  /** Closes it for changes; the browser keeps it until `removeScratchFile`, or until the site is next opened. */
  finish(): Promise<File>;
  remove(): Promise<void>;
}

let kept: string | null = null;

/**
 * Makes a file of its own for this worker, in place of the one it had.
 * @param bytes it will have, about
 * @throws StoreError 'store-absent', 'store-full'
 */
export async function openScratchFile(bytes: number): Promise<StoredScratch> {
  const folder = await scratchFolder();
  if (!folder)
    throw new StoreError(
      'store-absent',
      'this browser gives the page no private storage to copy the file to',
    );
  await removeScratchFile();
  await removeAbandoned(folder);
  const { quota, usage } = (await navigator.storage.estimate?.().catch(() => null)) ?? {};
  if (quota !== undefined && usage !== undefined && quota - usage < bytes)
    throw new StoreError('store-full', 'the browser gives this site no room for a copy of the file');
  const name = `${crypto.randomUUID()}.h5ad`;
  holdUntilEnd(LOCK + name);
  kept = name;
  const remove = () => folder.removeEntry(name).catch(() => undefined);
  try {
    const entry = await folder.getFileHandle(name, { create: true });
    const handle = await entry.createSyncAccessHandle();
    return {
      handle,
      async finish() {
        handle.flush();
        handle.close();
        return entry.getFile();
      },
      async remove() {
        handle.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw asStoreError(error);
  }
}

/** Removes the file of this worker, taken or not: a copy of a dataset must not outlast its use. */
export async function removeScratchFile(): Promise<void> {
  const name = kept;
  kept = null;
  const folder = name === null ? null : await scratchFolder();
  if (folder && name !== null) await folder.removeEntry(name).catch(() => undefined);
}

/** Removes what pages that are gone have left. */
export async function clearScratchFiles(): Promise<void> {
  const folder = await scratchFolder();
  if (folder) await removeAbandoned(folder);
}

async function scratchFolder(): Promise<FileSystemDirectoryHandle | null> {
  try {
    const root = await globalThis.navigator?.storage?.getDirectory?.();
    return root ? await root.getDirectoryHandle(FOLDER, { create: true }) : null;
  } catch {
    return null;
  }
}

async function removeAbandoned(folder: FileSystemDirectoryHandle): Promise<void> {
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  for (const name of names) {
    await navigator.locks.request(LOCK + name, { ifAvailable: true }, async (lock) => {
      if (lock) await folder.removeEntry(name).catch(() => undefined);
    });
  }
}

/** Tells other pages of the site that a file is in use, for as long as this worker lives. */
function holdUntilEnd(name: string): void {
  navigator.locks.request(name, () => new Promise<never>(() => undefined)).catch(() => undefined);
}
