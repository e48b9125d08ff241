import { blobSource } from '../data/blob-source.ts';
import type { ByteSource } from '../model/byte-source.ts';
import { memorySource } from '../model/memory-source.ts';
import type { PackageSource } from '../model/package-source.ts';
import { StoreError } from '../store/errors.ts';
import { type ModelStore, openModelStore } from '../store/model-store.ts';
import { RunError } from './errors.ts';
import type { JobOptions, ModelLocation } from './services.ts';

/** Files of a package of ours; the optional ones are asked for before they are fetched. */
const REQUIRED = ['config.json', 'vocab.txt', 'added_tokens.json', 'gene_medians.json', 'model.safetensors'];
const OPTIONAL = ['training.json', 'training_reference.safetensors', 'training_sketch.safetensors'];

/** A located package, and the hash its weights must have where the store knows it. */
interface OpenedSource {
  readonly source: PackageSource;
  readonly sha256: string | null;
}

/** Finds the files of a model; one for browsers below, one for Node in src/cli. */
export type OpenSource = (location: ModelLocation, options: JobOptions) => Promise<OpenedSource>;

/** Opens models from our own server, from dropped files and from the store of this browser. */
export function browserOpener(store: () => Promise<ModelStore | null> = openModelStore): OpenSource {
  return async (location, options) => {
    switch (location.kind) {
      case 'embedded':
        return { source: await fetchedSource(location, options), sha256: null };
      case 'files':
        return { source: filesSource(location), sha256: null };
      case 'opfs': {
        const opened = await (await store())?.open(location.name).catch((error: unknown) => {
          if (error instanceof StoreError && error.code === 'store-version') throw error;
          return null;
        });
        if (!opened) throw new RunError('model-gone', `${location.name} is not in the store`, location.name);
        return { source: opened.source, sha256: opened.model.sha256 };
      }
      case 'directory':
        throw new RunError('model-unreachable', 'a browser opens no folders by path', location.path);
    }
  };
}

/** A package below an address of our own site; files are fetched whole, once. */
async function fetchedSource(
  { name, baseUrl }: Extract<ModelLocation, { kind: 'embedded' }>,
  options: JobOptions,
): Promise<PackageSource> {
  const there = await Promise.all(OPTIONAL.map((path) => exists(new URL(path, baseUrl), options.signal)));
  const fetched = new Map<string, Promise<ByteSource>>();
  return {
    name,
    list: async () => [...REQUIRED, ...OPTIONAL.filter((_, i) => there[i])],
    open(path) {
      let file = fetched.get(path);
      if (!file) {
        file = fetchWhole(new URL(path, baseUrl), options).then(memorySource);
        file.catch(() => fetched.delete(path));
        fetched.set(path, file);
      }
      return file;
    },
  };
}

async function exists(url: URL, signal: AbortSignal | undefined): Promise<boolean> {
  const response = await fetch(url, { method: 'HEAD', ...(signal ? { signal } : {}) }).catch(() => null);
  signal?.throwIfAborted();
  // Some servers answer every address with their start page.
  return response?.ok === true && !response.headers.get('content-type')?.includes('text/html');
}

async function fetchWhole(url: URL, { signal, onProgress }: JobOptions): Promise<Uint8Array<ArrayBuffer>> {
  const unreachable = (why: string, cause?: unknown) =>
    new RunError(
      'model-unreachable',
      `the model could not be read from this site (${url.pathname}: ${why})`,
      url.href,
      {
        cause,
      },
    );
  try {
    const response = await fetch(url, signal ? { signal } : {});
    if (!response.ok || !response.body) throw unreachable(String(response.status));
    const total = Number(response.headers.get('content-length'));
    const packed = response.headers.has('content-encoding');
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let done = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done: ended, value } = await reader.read();
      if (ended) break;
      parts.push(value);
      done += value.length;
      onProgress?.({
        stage: `reading ${url.pathname.split('/').at(-1)}`,
        done,
        ...(total > 0 && !packed ? { total } : {}),
        unit: 'bytes',
      });
    }
    const bytes = new Uint8Array(done);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  } catch (error) {
    if (signal?.aborted || error instanceof RunError) throw error;
    throw unreachable(error instanceof Error ? error.message : String(error), error);
  }
}

function filesSource({ name, files }: Extract<ModelLocation, { kind: 'files' }>): PackageSource {
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  return {
    name,
    list: async () => [...byPath.keys()],
    async open(path) {
      const file = byPath.get(path);
      if (!file) throw new RunError('model-unreachable', `${path} is not among the dropped files`, path);
      return blobSource(file);
    },
  };
}
