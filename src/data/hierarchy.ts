import type { Metadata } from 'h5wasm';
import { DataError } from './errors.ts';

export type NumericArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** An attribute, an array or a field of a compound row, as its library gave it. */
export type StoredValue = unknown;

/** What an array's elements are, as far as tables and matrices care. */
export type ElementKind = 'integer' | 'float' | 'string' | 'boolean' | 'compound' | 'other';

export interface ArrayShape {
  readonly shape: readonly number[];
  readonly kind: ElementKind;
  /** Bytes of one element. */
  readonly size: number;
}

/**
 * Groups and arrays by path, as HDF5 and zarr both have them: what the readers of AnnData and 10x files are
 * written against. Every failure is a DataError.
 */
export interface Hierarchy {
  /** What is at this path. */
  type(path: string): 'group' | 'dataset' | null;
  /** Members of a group in the file's order; none where there is no such group. */
  keys(path: string): readonly string[];
  /** An attribute's value, or null where absent. */
  attribute(path: string, name: string): StoredValue;
  /** A text attribute, or null where absent or not text. */
  textAttribute(path: string, name: string): string | null;
  /** Shape and element kind of an array. */
  describe(path: string): ArrayShape;
  /** The extents of an array and, where its elements are records, their fields. */
  metadata(path: string): Pick<Metadata, 'shape' | 'compound_type'>;
  /**
   * Elements [start, end) along the first axis (all of the others).
   * @throws DataError `unsupported-filter`, `too-large`, `truncated`, `corrupt`, `missing`.
   */
  read(path: string, start?: number, end?: number): Promise<StoredValue>;
  /** Numbers [start, end) along the first axis, flattened row by row. */
  numbers(path: string, start?: number, end?: number): Promise<NumericArray>;
  /** Strings of a one-dimensional array. */
  strings(path: string): Promise<readonly string[]>;
  close(): void;
}

/** Numbers as ordinary numbers: 64-bit integers lose what a double cannot hold. */
export function toNumbers(value: StoredValue, subject: string): NumericArray {
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

/** A list of texts. @throws DataError `unsupported-type` */
export function toStrings(value: StoredValue, subject: string): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new DataError('unsupported-type', `${subject} does not hold text`, subject);
}

/** Small whole numbers of an attribute (`shape`), a typed array in HDF5 and a list in zarr; none where it is neither. */
export function toExtents(value: StoredValue): readonly number[] {
  if (Array.isArray(value)) return value.map(Number);
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number | bigint>, Number) : [];
}
