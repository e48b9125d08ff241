import type { Dataset as H5Dataset, File as H5File, Group as H5Group, Metadata } from 'h5wasm';
import { DataError } from '../errors.ts';
import { h5Failure } from './failures.ts';
import { missingCompressor, pluginOfFilter } from './filters.ts';
import { readHalves } from './half-floats.ts';
import type { DataInput, H5Library, H5Runtime, MountedFile } from './runtime.ts';

/** Elements read in one call: bounds what a lying shape can make us allocate. */
const MAX_ELEMENTS = 2 ** 28;

export type NumericArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** An attribute or a field of a compound row, as HDF5 gave it. */
export type H5Value = unknown;

/** What a dataset's elements are, as far as tables and matrices care. */
export type ElementKind = 'integer' | 'float' | 'string' | 'boolean' | 'compound' | 'other';

export interface DatasetShape {
  readonly shape: readonly number[];
  readonly kind: ElementKind;
  /** Bytes of one element. */
  readonly size: number;
  readonly chunks: readonly number[] | null;
}

const H5T = { integer: 0, float: 1, string: 3, compound: 6, enum: 8 } as const;

/** Sizes of floats that can be read: of others (extended precision) nothing is known. */
const FLOAT_BYTES = [2, 4, 8];

/** The kind of an element of this HDF5 type; h5py writes booleans as the enum FALSE, TRUE. */
export function elementKind(metadata: Pick<Metadata, 'type' | 'size' | 'enum_type'>): ElementKind {
  switch (metadata.type) {
    case H5T.integer:
      return 'integer';
    case H5T.float:
      return FLOAT_BYTES.includes(metadata.size) ? 'float' : 'other';
    case H5T.string:
      return 'string';
    case H5T.compound:
      return 'compound';
    case H5T.enum:
      return metadata.enum_type && 'TRUE' in metadata.enum_type.members ? 'boolean' : 'integer';
    default:
      return 'other';
  }
}

/** Numbers as ordinary numbers: 64-bit integers lose what a double cannot hold. */
export function toNumbers(value: H5Value, subject: string): NumericArray {
  if (value instanceof BigInt64Array || value instanceof BigUint64Array) return fromLong(value);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return value as NumericArray;
  throw new DataError('unsupported-type', `${subject} does not hold numbers`, subject);
}

/** By halves: several times faster than through bigints, and the sum rounds as Number does. */
function fromLong(value: BigInt64Array | BigUint64Array): Float64Array {
  const words = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const numbers = new Float64Array(value.length);
  const signed = value instanceof BigInt64Array;
  for (let i = 0; i < numbers.length; i++) {
    const upper = signed ? words.getInt32(8 * i + UPPER, LITTLE) : words.getUint32(8 * i + UPPER, LITTLE);
    numbers[i] = upper * 2 ** 32 + words.getUint32(8 * i + 4 - UPPER, LITTLE);
  }
  return numbers;
}

/** Byte order of typed arrays on this machine, and where the upper half of a 64-bit integer lies. */
const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const UPPER = LITTLE ? 4 : 0;

/**
 * An open HDF5 file read by path. Every failure of the library becomes a DataError; filter plugins are
 * installed when a dataset asks for them.
 */
export class H5Reader {
  readonly #ready = new Set<string>();

  private constructor(
    private readonly library: H5Library,
    private readonly runtime: H5Runtime,
    private readonly mounted: MountedFile,
    private readonly file: H5File,
  ) {}

  static async open(input: DataInput, runtime: H5Runtime): Promise<H5Reader> {
    const library = await runtime.library();
    const mounted = await runtime.mount(input);
    try {
      return new H5Reader(library, runtime, mounted, new library.File(mounted.path, 'r'));
    } catch (error) {
      mounted.unmount();
      throw h5Failure(error, '');
    }
  }

  close(): void {
    this.file.close();
    this.mounted.unmount();
  }

  #entity(path: string): H5Group | H5Dataset | null {
    return guarded(path, () => {
      const entity = this.file.get(path);
      return entity instanceof this.library.Group || entity instanceof this.library.Dataset ? entity : null;
    });
  }

  #dataset(path: string): H5Dataset {
    const entity = this.#entity(path);
    if (entity instanceof this.library.Dataset) return entity;
    throw new DataError('missing', `the file has no array ${path}`, path);
  }

  /** What is at this path. */
  type(path: string): 'group' | 'dataset' | null {
    const entity = this.#entity(path);
    if (entity === null) return null;
    return entity instanceof this.library.Dataset ? 'dataset' : 'group';
  }

  /** Members of a group in the file's order; none where there is no such group. */
  keys(path: string): readonly string[] {
    const entity = this.#entity(path);
    return entity instanceof this.library.Group ? guarded(path, () => entity.keys()) : [];
  }

  /** An attribute's value, or null where absent. */
  attribute(path: string, name: string): H5Value {
    const entity = this.#entity(path);
    if (entity === null) return null;
    return guarded(`${path}@${name}`, () => entity.attrs[name]?.value ?? null);
  }

  /** A text attribute (some writers make a list of one of it), or null where absent or not text. */
  textAttribute(path: string, name: string): string | null {
    const value = this.attribute(path, name);
    const text = Array.isArray(value) && value.length === 1 ? value[0] : value;
    return typeof text === 'string' ? text : null;
  }

  /** Shape and element kind of a dataset. */
  describe(path: string): DatasetShape {
    const metadata = this.metadata(path);
    return {
      shape: metadata.shape ?? [],
      kind: elementKind(metadata),
      size: metadata.size,
      chunks: metadata.chunks,
    };
  }

  /** The library's description of a dataset, compound members included. */
  metadata(path: string): Metadata {
    const dataset = this.#dataset(path);
    return guarded(path, () => dataset.metadata);
  }

  /**
   * Elements [start, end) along the first axis (all of the others).
   * @throws DataError `unsupported-filter`, `too-large`, `truncated`, `corrupt`, `missing`.
   */
  async read(path: string, start?: number, end?: number): Promise<H5Value> {
    const dataset = this.#dataset(path);
    await this.#installFilters(path, dataset);
    const module = await this.library.ready;
    return guarded(path, () => {
      const { shape, type, size } = dataset.metadata;
      if (shape === null || shape.length === 0) return dataset.value;
      const from = start ?? 0;
      const to = Math.min(end ?? shape[0], shape[0]);
      const inner = shape.slice(1).reduce((product, extent) => product * extent, 1);
      if ((to - from) * inner > MAX_ELEMENTS) {
        throw new DataError(
          'too-large',
          `${path} holds ${(to - from) * inner} values: more than can be read at once`,
          path,
        );
      }
      const isHalf = type === H5T.float && size === 2;
      return isHalf ? readHalves(module, dataset, from, to, inner) : dataset.slice([[from, to]]);
    });
  }

  /** Numbers [start, end) along the first axis, flattened row by row. */
  async numbers(path: string, start?: number, end?: number): Promise<NumericArray> {
    if (start !== undefined && start === end) return new Float64Array(0);
    return toNumbers(await this.read(path, start, end), path);
  }

  /** Strings of a one-dimensional dataset. */
  async strings(path: string): Promise<readonly string[]> {
    const value = await this.read(path);
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw new DataError('unsupported-type', `${path} does not hold text`, path);
    }
    return value;
  }

  async #installFilters(path: string, dataset: H5Dataset): Promise<void> {
    if (this.#ready.has(path)) return;
    for (const filter of guarded(path, () => dataset.filters)) {
      const plugin = pluginOfFilter(filter.id);
      if (plugin === 'built-in') continue;
      const inner = missingCompressor(filter.id, filter.cd_values);
      if (plugin === null || inner !== null || !(await this.runtime.installPlugin(plugin))) {
        const name =
          inner === null ? filter.name || plugin || `number ${filter.id}` : `${plugin} with ${inner}`;
        throw new DataError(
          'unsupported-filter',
          `${path} is compressed by a filter not at hand: ${name}`,
          name,
        );
      }
    }
    this.#ready.add(path);
  }
}

function guarded<T>(subject: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw h5Failure(error, subject);
  }
}
