import type { Dataset as H5Dataset, File as H5File, Group as H5Group, Metadata } from 'h5wasm';
import { DataError } from '../errors.ts';
import {
  type ArrayShape,
  type ElementKind,
  type Hierarchy,
  type NumericArray,
  type StoredValue,
  toNumbers,
  toStrings,
} from '../hierarchy.ts';
import type { DataInput } from '../input.ts';
import { h5Failure } from './failures.ts';
import { missingCompressor, pluginOfFilter } from './filters.ts';
import { readHalves } from './half-floats.ts';
import { takeRefused } from './only-opened.ts';
import type { H5Library, H5Runtime, MountedFile } from './runtime.ts';

/** Elements read in one call: bounds what a lying shape can make us allocate. */
const MAX_ELEMENTS = 2 ** 28;

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

/**
 * An open HDF5 file read by path. Every failure of the library becomes a DataError; filter plugins are
 * installed when a dataset asks for them.
 */
export class H5Reader implements Hierarchy {
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
    const entity = guarded(path, () => this.file.get(path));
    return entity instanceof this.library.Group || entity instanceof this.library.Dataset ? entity : null;
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
  attribute(path: string, name: string): StoredValue {
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
  describe(path: string): ArrayShape {
    const metadata = this.metadata(path);
    return {
      shape: metadata.shape ?? [],
      kind: elementKind(metadata),
      size: metadata.size,
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
  async read(path: string, start?: number, end?: number): Promise<StoredValue> {
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
    return toStrings(await this.read(path), path);
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
  takeRefused();
  let value: T;
  try {
    value = read();
  } catch (error) {
    const other = takeRefused();
    throw other === null ? h5Failure(error, subject) : elsewhere(subject, other);
  }
  // What lies in a file that is not opened reads as fill values, or as nothing, without an error.
  const other = takeRefused();
  if (other !== null) throw elsewhere(subject, other);
  return value;
}

function elsewhere(path: string, file: string): DataError {
  return new DataError(
    'unsupported-format',
    `${path} lies in another file (${file}), and only the file itself is opened`,
    path,
  );
}
