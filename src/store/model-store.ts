import type { ByteSource } from '../model/byte-source.ts';
import type { PackageSource } from '../model/package-source.ts';
import { asStoreError, StoreError } from './errors.ts';
import { withLock } from './locks.ts';
import { SEGMENT_BYTES, segmentedSource, writeSegments, writtenBytes } from './segmented-file.ts';
import { readManifest, type StoredModel, writeManifest } from './stored-model.ts';
import { refuseOtherVersion, type SetAside } from './stored-record.ts';

const FOLDER = 'models';
export interface WriteOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((written: number) => void) | undefined;
}

/** The browser's private file system, or null where there is none (or the user forbids it). */
export async function openModelStore(): Promise<ModelStore | null> {
  try {
    const root = await globalThis.navigator?.storage?.getDirectory?.();
    return root ? new ModelStore(await root.getDirectoryHandle(FOLDER, { create: true })) : null;
  } catch {
    return null;
  }
}

/** Model packages in OPFS, shared by all tabs of the site. */
export class ModelStore {
  constructor(
    private readonly folder: FileSystemDirectoryHandle,
    private readonly segmentBytes = SEGMENT_BYTES,
  ) {}

  /**
   * Whole models, by name, and what cannot be read here: models of another version, damaged records. Folders
   * of interrupted downloads are neither.
   */
  async list(): Promise<{ readonly models: readonly StoredModel[]; readonly setAside: readonly SetAside[] }> {
    const models: StoredModel[] = [];
    const setAside: SetAside[] = [];
    for await (const [id, handle] of this.folder.entries()) {
      if (handle.kind !== 'directory') continue;
      const found = await readManifest(id, handle as FileSystemDirectoryHandle).catch(() => null);
      if (found?.kind === 'sound') models.push(found.value);
      if (found?.kind === 'set-aside') setAside.push({ id, name: found.name, why: found.why });
    }
    models.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
    return { models, setAside };
  }

  /**
   * The files of a stored model.
   * @throws StoreError 'store-gone' where the browser has evicted it, 'store-version'
   */
  async open(id: string): Promise<{ readonly model: StoredModel; readonly source: PackageSource }> {
    const folder = await this.folder.getDirectoryHandle(id).catch(() => null);
    const found = folder && (await readManifest(id, folder).catch(() => null));
    if (found) refuseOtherVersion(found, id);
    if (!folder || found?.kind !== 'sound')
      throw new StoreError('store-gone', `the stored model ${id} is no longer there`);
    const model = found.value;
    const sizes = new Map(model.files.map(({ path, size }) => [path, size]));
    return {
      model,
      source: {
        name: model.name,
        list: async () => [...sizes.keys()],
        open: async (path) => {
          const size = sizes.get(path);
          if (size === undefined) throw new StoreError('store-gone', `the stored model has no ${path}`);
          try {
            return segmentedSource(
              await folder.getDirectoryHandle(encodeURIComponent(path)),
              size,
              model.segmentBytes,
            );
          } catch (error) {
            throw asStoreError(error);
          }
        },
      },
    };
  }

  /**
   * Begins or continues to store a model in the folder `id`. Call under `locked`.
   * @throws StoreError 'store-version': what another version stored there stays as it is
   */
  async write(id: string): Promise<ModelWriter> {
    try {
      const folder = await this.folder.getDirectoryHandle(id, { create: true });
      refuseOtherVersion(await readManifest(id, folder), id);
      return new ModelWriter(id, folder, this.segmentBytes);
    } catch (error) {
      throw asStoreError(error);
    }
  }

  /** Runs work that writes or deletes the folder `id` while no other tab touches it. */
  locked<T>(id: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return withLock(`model:${id}`, 'exclusive', work, signal);
  }

  /** Runs work that reads it. */
  reading<T>(id: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return withLock(`model:${id}`, 'shared', work, signal);
  }

  /** Removes a model, or what there is of one. */
  delete(id: string): Promise<void> {
    return this.locked(id, () =>
      this.folder.removeEntry(id, { recursive: true }).catch((error: unknown) => {
        if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error;
      }),
    );
  }

  /**
   * Copies a package into the store; does nothing where it is there already. One with the same weights and
   * name but other files (medians, annotations) takes the place of the old one.
   * @returns the id
   * @throws StoreError 'store-version' before anything is touched; 'store-full' and others; what was written is
   * removed
   */
  async put(source: PackageSource, sha256: string, { signal, onBytes }: WriteOptions = {}): Promise<string> {
    const id = storeId(source.name, sha256);
    return this.locked(
      id,
      async () => {
        for (const model of (await this.list()).models) {
          if (model.sha256 === sha256 && (await this.#holds(model.id, source))) return model.id;
        }
        const before = await this.folder.getDirectoryHandle(id).catch(() => null);
        if (before) refuseOtherVersion(await readManifest(id, before), id);
        try {
          await this.folder.removeEntry(id, { recursive: true }).catch(() => undefined);
          const writer = await this.write(id);
          let done = 0;
          for (const path of await source.list()) {
            const file = await source.open(path);
            await writer.file(path, chunksOf(file), 0, {
              signal,
              onBytes: (written) => onBytes?.(done + written),
            });
            done += file.size;
          }
          await writer.commit({ name: source.name, sha256, origin: '' });
          return id;
        } catch (error) {
          await this.folder.removeEntry(id, { recursive: true }).catch(() => undefined);
          throw asStoreError(error);
        }
      },
      signal,
    );
  }

  /** Whether a stored model of the same weights has the other files of this package too. */
  async #holds(id: string, source: PackageSource): Promise<boolean> {
    const { source: stored } = await this.open(id);
    const paths = await source.list();
    const there = new Set(await stored.list());
    if (paths.length !== there.size || !paths.every((path) => there.has(path))) return false;
    for (const path of paths.filter((path) => !path.endsWith('model.safetensors'))) {
      if (!(await sameBytes(await source.open(path), await stored.open(path)))) return false;
    }
    return true;
  }
}

/** Whether two files hold the same bytes. */
async function sameBytes(a: ByteSource, b: ByteSource): Promise<boolean> {
  if (a.size !== b.size) return false;
  const [left, right] = await Promise.all([a.read(0, a.size), b.read(0, b.size)]);
  return left.every((byte, i) => byte === right[i]);
}

/** A model on its way into the store. */
export class ModelWriter {
  readonly #sizes = new Map<string, number>();

  constructor(
    readonly id: string,
    private readonly folder: FileSystemDirectoryHandle,
    private readonly segmentBytes: number,
  ) {}

  /** Bytes of a file that an earlier attempt has left whole. */
  async written(path: string): Promise<number> {
    return writtenBytes(await this.#fileFolder(path), this.segmentBytes);
  }

  /**
   * Writes a file, its first `offset` bytes being there already.
   * @returns its size
   * @throws StoreError 'store-full'
   */
  async file(
    path: string,
    chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
    offset: number,
    options: WriteOptions = {},
  ): Promise<number> {
    try {
      const size = await writeSegments(await this.#fileFolder(path), chunks, offset, {
        segmentBytes: this.segmentBytes,
        ...options,
      });
      this.#sizes.set(path, size);
      return size;
    } catch (error) {
      throw asStoreError(error);
    }
  }

  /** What has been written, read back (for its hash). */
  async source(path: string): Promise<ByteSource> {
    const size = this.#sizes.get(path) ?? 0;
    return segmentedSource(await this.#fileFolder(path), size, this.segmentBytes);
  }

  /** Makes the model one: from now on `list` has it. */
  async commit(about: Pick<StoredModel, 'name' | 'sha256' | 'origin'>): Promise<StoredModel> {
    const files = [...this.#sizes].map(([path, size]) => ({ path, size }));
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    const model: StoredModel = { id: this.id, ...about, bytes, files, segmentBytes: this.segmentBytes };
    await writeManifest(this.folder, model);
    return model;
  }

  #fileFolder(path: string): Promise<FileSystemDirectoryHandle> {
    return this.folder.getDirectoryHandle(encodeURIComponent(path), { create: true });
  }
}

/** A readable folder name, unique by `distinct` (a hash). */
export function storeId(name: string, distinct: string): string {
  const plain = name.replace(/[^\w.-]+/g, '-').replace(/^[.-]+/, '');
  return `${plain.slice(0, 60) || 'model'}-${distinct.slice(0, 8)}`;
}

/** Keeps the browser from evicting what is stored, where it may be asked. */
export async function askToPersist(): Promise<boolean> {
  return (await globalThis.navigator?.storage?.persist?.().catch(() => false)) ?? false;
}

async function* chunksOf(file: ByteSource): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const CHUNK = 4 * 2 ** 20;
  for (let at = 0; at < file.size; at += CHUNK) yield file.read(at, Math.min(CHUNK, file.size - at));
}
