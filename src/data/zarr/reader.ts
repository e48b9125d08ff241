import * as zarr from 'zarrita';
import { ShortReadError } from '../../model/byte-source.ts';
import { DataError } from '../errors.ts';
import {
  type ArrayShape,
  type Hierarchy,
  type NumericArray,
  type StoredValue,
  toNumbers,
  toStrings,
} from '../hierarchy.ts';
import { copyChunk, emptyResult } from './chunks.ts';
import { CODECS, installCodecs } from './codecs.ts';
import { sizeOfNumber, type ZarrArray, type ZarrNode } from './metadata.ts';
import type { ZarrStore } from './store.ts';

/** Elements read in one call, and of one chunk: bounds what a lying shape can make us allocate. */
const MAX_ELEMENTS = 2 ** 28;
const MAX_CHUNK = 2 ** 27;
/** Chunks decoded side by side, and kept for each array: neighbouring reads meet in one chunk. */
const AT_ONCE = 8;
const KEPT = 2;

type AnyArray = zarr.Array<zarr.DataType>;
type AnyChunk = Awaited<ReturnType<AnyArray['getChunk']>>;

/** A zarr store (v2 or v3) read by path, below a root. zarrita decodes chunks; what it is given is checked before. */
export class ZarrReader implements Hierarchy {
  readonly #arrays = new Map<string, Promise<AnyArray>>();
  readonly #kept = new Map<string, Map<string, Promise<AnyChunk>>>();

  /**
   * @param nodes by their path in the store
   * @param root path of the group that paths begin at, empty or ending in a slash
   */
  constructor(
    private readonly store: ZarrStore,
    private readonly nodes: ReadonlyMap<string, ZarrNode>,
    private readonly root: string,
  ) {
    installCodecs();
  }

  close(): void {
    this.#arrays.clear();
    this.#kept.clear();
  }

  type(path: string): 'group' | 'dataset' | null {
    const node = this.#node(path);
    if (!node) return null;
    return node.kind === 'array' ? 'dataset' : 'group';
  }

  keys(path: string): readonly string[] {
    const prefix = path === '/' ? this.root : `${this.root}${path}/`;
    const names = new Set<string>();
    for (const node of this.nodes.keys()) {
      if (node.startsWith(prefix) && node.length > prefix.length)
        names.add(node.slice(prefix.length).split('/')[0]);
    }
    return [...names];
  }

  attribute(path: string, name: string): StoredValue {
    const attributes = this.#node(path)?.attributes ?? {};
    return Object.hasOwn(attributes, name) ? attributes[name] : null;
  }

  textAttribute(path: string, name: string): string | null {
    const value = this.attribute(path, name);
    return typeof value === 'string' ? value : null;
  }

  describe(path: string): ArrayShape {
    const { shape, elements, numbers } = this.#array(path);
    return { shape, kind: elements, size: sizeOfNumber(numbers) };
  }

  metadata(path: string) {
    return { shape: [...this.#array(path).shape] };
  }

  async read(path: string, start?: number, end?: number): Promise<StoredValue> {
    const node = this.#array(path);
    const { shape } = node;
    if (node.elements === 'other' || shape.length > 2)
      throw new DataError('unsupported-type', `${path} holds values of a kind not read here`, path);
    const from = shape.length === 0 ? 0 : (start ?? 0);
    const to = shape.length === 0 ? 1 : Math.min(end ?? shape[0], shape[0]);
    const inner = shape[1] ?? 1;
    if ((to - from) * inner > MAX_ELEMENTS) {
      throw new DataError(
        'too-large',
        `${path} holds ${(to - from) * inner} values: more than can be read at once`,
        path,
      );
    }
    const result = emptyResult(node, (to - from) * inner);
    if (to > from && inner > 0) {
      try {
        await this.#fill(path, node, result, from, to);
      } catch (error) {
        throw zarrFailure(error, path);
      }
    }
    return shape.length === 0 ? result[0] : result;
  }

  async numbers(path: string, start?: number, end?: number): Promise<NumericArray> {
    return toNumbers(await this.read(path, start, end), path);
  }

  async strings(path: string): Promise<readonly string[]> {
    return toStrings(await this.read(path), path);
  }

  async #fill(
    path: string,
    node: ZarrArray,
    result: ReturnType<typeof emptyResult>,
    from: number,
    to: number,
  ): Promise<void> {
    this.#arrays.set(path, this.#arrays.get(path) ?? this.#open(path, node));
    const array = await (this.#arrays.get(path) as Promise<AnyArray>);
    const [rows = 1, columns = 1] = array.chunks;
    const coordinates: number[][] = [];
    for (let i = Math.floor(from / rows); i * rows < to; i++) {
      if (node.shape.length < 2) coordinates.push(node.shape.length === 0 ? [] : [i]);
      else for (let j = 0; j * columns < node.shape[1]; j++) coordinates.push([i, j]);
    }
    for (let at = 0; at < coordinates.length; at += AT_ONCE) {
      const some = coordinates.slice(at, at + AT_ONCE);
      const chunks = await Promise.all(some.map((place) => this.#chunk(path, array, place)));
      for (const [k, chunk] of chunks.entries()) {
        if (chunk.data.length !== node.chunkElements)
          throw new DataError('corrupt', `a chunk of ${path} has another length than it says`, path);
        copyChunk(chunk, some[k], result, { from, to, width: node.shape[1] ?? 1 });
      }
    }
  }

  async #open(path: string, node: ZarrArray): Promise<AnyArray> {
    const foreign = node.codecs.find((name) => !CODECS.has(name));
    if (foreign !== undefined)
      throw new DataError(
        'unsupported-filter',
        `${path} is packed by a codec not at hand: ${foreign}`,
        foreign,
      );
    if (node.chunkElements * sizeOfNumber(node.numbers) > MAX_CHUNK * 4)
      throw new DataError('too-large', `${path} is stored in chunks too large to read`, path);
    const full = this.root + path;
    // zarrita resolves names as URLs do: what means something there is written out.
    const location = new zarr.Location(
      this.#zarritaStore(full, node),
      `/${full.split('/').map(encodeURIComponent).join('/')}`,
    );
    const open = node.version === 2 ? zarr.open.v2 : zarr.open.v3;
    return (await open(location, { kind: 'array' })) as AnyArray;
  }

  /** The store as zarrita asks it, with the checked metadata in place of the file's. */
  #zarritaStore(path: string, node: ZarrArray): zarr.AsyncReadable {
    const text = new TextEncoder().encode(JSON.stringify(node.document));
    const { store } = this;
    const own = (key: string): Uint8Array | undefined | null => {
      if (key === `/${path}/${node.version === 2 ? '.zarray' : 'zarr.json'}`) return text;
      return /\/(\.zattrs|\.zarray|\.zgroup|zarr\.json)$/.test(key) ? undefined : null;
    };
    const isWhole = this.#isStoredWhole(path);
    const stored = (bytes: Uint8Array | null): Uint8Array | undefined => {
      if (bytes === null && isWhole)
        throw new DataError('missing', `a part of ${path} is not in the zarr store`, path);
      return bytes ?? undefined;
    };
    return {
      async get(key) {
        const document = own(key);
        return document === null ? stored(await store.read(key.slice(1))) : document;
      },
      getRange: async (key, range) => stored(await store.readRange(key.slice(1), range)),
    };
  }

  /**
   * Values and indices of a sparse matrix are not zero, so that a chunk of them that is not there was lost, where that of
   * another array was never written. @param path in the store
   */
  #isStoredWhole(path: string): boolean {
    const group = /^(.*)\/(?:data|indices)$/.exec(path)?.[1];
    const type = group === undefined ? null : this.nodes.get(group)?.attributes['encoding-type'];
    return typeof type === 'string' && /^cs[rc]_matrix$/.test(type);
  }

  #chunk(path: string, array: AnyArray, place: number[]): Promise<AnyChunk> {
    const kept = this.#kept.get(path) ?? new Map<string, Promise<AnyChunk>>();
    this.#kept.set(path, kept);
    const key = place.join('.');
    const known = kept.get(key);
    if (known) return known;
    const chunk = array.getChunk(place);
    kept.set(key, chunk);
    chunk.catch(() => kept.delete(key));
    const [oldest] = kept.keys();
    if (kept.size > KEPT) kept.delete(oldest);
    return chunk;
  }

  #node(path: string): ZarrNode | undefined {
    return this.nodes.get(path === '/' ? this.root.replace(/\/$/, '') : this.root + path);
  }

  #array(path: string): ZarrArray {
    const node = this.#node(path);
    if (node?.kind === 'array') return node;
    throw new DataError('missing', `the file has no array ${path}`, path);
  }
}

function zarrFailure(error: unknown, path: string): Error {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof DataError) return cause;
  const options = { cause: error };
  if (error instanceof ShortReadError)
    return new DataError('truncated', 'the zarr store ends before its contents do', path, options);
  return new DataError('corrupt', `${path} of the zarr store cannot be read`, path, options);
}
