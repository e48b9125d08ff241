import { sha256 } from '../model/sha256.ts';
import { StoreError } from './errors.ts';
import { type ModelStore, storeId } from './model-store.ts';
import type { StoredModel } from './stored-model.ts';

const REQUIRED = ['config.json', 'vocab.txt', 'added_tokens.json', 'model.safetensors'];
const MEDIANS = ['gene_medians.json', 'teddy_gene_medians.json'];
const OPTIONAL = ['training.json', 'training_reference.safetensors', 'training_sketch.safetensors'];

/** A file of a package at an address. */
interface RemoteFile {
  readonly path: string;
  readonly url: string;
  /** null where the server does not say. */
  readonly size: number | null;
  /** What tells versions of the file apart, so that a download is never continued with another one. */
  readonly version: string | null;
}

/** What was found at an address before anything of it was fetched. */
export interface RemotePackage {
  readonly name: string;
  readonly address: string;
  readonly files: readonly RemoteFile[];
  /** Required files that are not there. */
  readonly missing: readonly string[];
}

/** The folder's address as typed: http(s), one slash at its end. @throws TypeError for anything else */
export function packageAddress(typed: string): URL {
  const url = new URL(typed.trim());
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new TypeError('the address is not http(s)');
  url.search = '';
  url.hash = '';
  url.pathname = `${url.pathname.replace(/\/(config\.json|model\.safetensors)?$/, '')}/`;
  return url;
}

/**
 * Asks the server which files of a package it has and how large they are.
 * @param mediansAddress of the gene medians where they lie elsewhere (the published repository)
 */
export async function lookAt(
  address: URL,
  mediansAddress: URL | null,
  signal: AbortSignal,
): Promise<RemotePackage> {
  const ask = (path: string, url = new URL(path, address)) => head(path, url, signal);
  const [required, medians, optional] = await Promise.all([
    Promise.all(REQUIRED.map((path) => ask(path))),
    mediansAddress
      ? ask(MEDIANS[0], mediansAddress).then((file) => [file])
      : Promise.all(MEDIANS.map((path) => ask(path))),
    Promise.all(OPTIONAL.map((path) => ask(path))),
  ]);
  const found = medians.find((file) => file !== null) ?? null;
  return {
    name: decodeURIComponent(address.pathname.split('/').filter(Boolean).at(-1) ?? address.host),
    address: address.href,
    files: [...required, found, ...optional].filter((file) => file !== null),
    missing: [...REQUIRED.filter((_, i) => required[i] === null), ...(found ? [] : [MEDIANS[0]])],
  };
}

async function head(path: string, url: URL, signal: AbortSignal): Promise<RemoteFile | null> {
  const response = await fetch(url, { method: 'HEAD', credentials: 'omit', signal });
  if (!response.ok || response.headers.get('content-type')?.includes('text/html')) return null;
  const length = Number(response.headers.get('content-length'));
  const version = response.headers.get('etag') ?? response.headers.get('last-modified');
  const packed = response.headers.has('content-encoding');
  return { path, url: url.href, size: length > 0 && !packed ? length : null, version };
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  /** Bytes of all files so far. */
  readonly onBytes: (done: number) => void;
}

/**
 * Fetches a package into the store, going on where an earlier attempt stopped if the server can.
 * @throws StoreError, the signal's reason, or Error where the server fails
 */
export async function fetchIntoStore(
  store: ModelStore,
  remote: RemotePackage,
  { signal, onBytes }: FetchOptions,
): Promise<StoredModel> {
  const id = storeId(remote.name, await shortHash(remote.address));
  return store.locked(
    id,
    async () => {
      const writer = await store.write(id);
      let before = 0;
      for (const file of remote.files) {
        const there = file.version === recordedVersion(file.url) ? await writer.written(file.path) : 0;
        recordVersion(file.url, file.version);
        const from = file.size !== null && there > file.size ? 0 : there;
        const { chunks, offset } = await download(file, from, signal);
        const size = await writer.file(file.path, chunks, offset, {
          signal,
          onBytes: (written) => onBytes(before + written),
        });
        if (file.size !== null && size !== file.size) {
          throw new StoreError(
            'store-changed',
            `${file.path} has ${size} bytes, the server announced ${file.size}`,
          );
        }
        before += size;
      }
      const hash = await sha256(await writer.source('model.safetensors'), { signal });
      for (const file of remote.files) recordVersion(file.url, null);
      return writer.commit({ name: remote.name, sha256: hash, origin: remote.address });
    },
    signal,
  );
}

/** The bytes from `from` on, or from the start where the server knows no ranges. */
async function download(
  file: RemoteFile,
  from: number,
  signal: AbortSignal,
): Promise<{ chunks: AsyncIterable<Uint8Array<ArrayBuffer>>; offset: number }> {
  if (from > 0 && from === file.size) return { chunks: nothing(), offset: from };
  const headers: Record<string, string> = from > 0 ? { Range: `bytes=${from}-` } : {};
  const response = await fetch(file.url, { headers, credentials: 'omit', signal });
  if (!response.ok || !response.body) throw new Error(`${file.url} answered ${response.status}`);
  return { chunks: bytesOf(response.body), offset: response.status === 206 ? from : 0 };
}

async function* nothing(): AsyncGenerator<Uint8Array<ArrayBuffer>> {}

async function* bytesOf(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

const VERSION_KEY = 'teddy-web-version:';

function recordedVersion(url: string): string | null | undefined {
  return globalThis.localStorage?.getItem(VERSION_KEY + url) ?? undefined;
}

function recordVersion(url: string, version: string | null): void {
  if (version === null) globalThis.localStorage?.removeItem(VERSION_KEY + url);
  else globalThis.localStorage?.setItem(VERSION_KEY + url, version);
}

async function shortHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
