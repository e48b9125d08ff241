import * as v from 'valibot';
import { DataError } from '../errors.ts';
import type { ElementKind } from '../hierarchy.ts';

/** A group or an array of a store, its metadata checked: zarrita itself takes what it is given. */
export type ZarrNode = ZarrGroup | ZarrArray;

interface ZarrGroup {
  readonly kind: 'group';
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface ZarrArray {
  readonly kind: 'array';
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly version: 2 | 3;
  readonly shape: readonly number[];
  readonly elements: ElementKind;
  /** Type of the numbers read; null for text and what is not read at all. */
  readonly numbers: NumberType | null;
  /** Extents of the piece that is stored in one file. */
  readonly chunks: readonly number[];
  /** What its files are called: the places along each axis behind a prefix, which may be empty. */
  readonly keys: { readonly prefix: string; readonly separator: string };
  /** Elements of the piece that is decoded at once. */
  readonly chunkElements: number;
  readonly codecs: readonly string[];
  /** What zarrita is given to open it: `.zarray` or `zarr.json`. */
  readonly document: Readonly<Record<string, unknown>>;
}

export type NumberType =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float32'
  | 'float64'
  | 'bool';

const extent = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const chunkExtent = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const extents = v.pipe(v.array(extent), v.maxLength(32));
const chunkExtents = v.pipe(v.array(chunkExtent), v.maxLength(32));
const attributes = v.record(v.string(), v.unknown());
const oldCodec = v.looseObject({ id: v.string() });
const codec = v.looseObject({ name: v.string(), configuration: v.optional(attributes) });

const GROUP_2 = v.looseObject({ zarr_format: v.literal(2) });
const ARRAY_2 = v.looseObject({
  zarr_format: v.literal(2),
  shape: extents,
  chunks: chunkExtents,
  dtype: v.unknown(),
  compressor: v.nullable(oldCodec),
  filters: v.optional(v.nullable(v.array(oldCodec))),
  fill_value: v.unknown(),
  order: v.picklist(['C', 'F']),
  dimension_separator: v.optional(v.picklist(['.', '/'])),
});
const GROUP_3 = v.looseObject({
  zarr_format: v.literal(3),
  node_type: v.literal('group'),
  attributes: v.optional(attributes),
});
const ARRAY_3 = v.looseObject({
  zarr_format: v.literal(3),
  node_type: v.literal('array'),
  shape: extents,
  data_type: v.unknown(),
  chunk_grid: v.looseObject({
    name: v.literal('regular'),
    configuration: v.looseObject({ chunk_shape: chunkExtents }),
  }),
  chunk_key_encoding: v.looseObject({
    name: v.picklist(['default', 'v2']),
    configuration: v.optional(v.looseObject({ separator: v.optional(v.picklist(['.', '/'])) })),
  }),
  codecs: v.array(codec),
  fill_value: v.unknown(),
  attributes: v.optional(attributes),
});
const SHARDING = v.looseObject({
  chunk_shape: chunkExtents,
  codecs: v.array(codec),
  index_codecs: v.array(codec),
  index_location: v.optional(v.literal('end')),
});

const TYPES_2: Readonly<Record<string, NumberType>> = {
  b1: 'bool',
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f4: 'float32',
  f8: 'float64',
};
const TYPES_3: ReadonlySet<string> = new Set(Object.values(TYPES_2));

/** The node that zarr v2 files tell of. @throws DataError `corrupt` */
export function nodeOfVersion2(
  path: string,
  array: unknown,
  group: unknown,
  attrs: Readonly<Record<string, unknown>>,
): ZarrNode {
  if (array === undefined) {
    checked(GROUP_2, group, path);
    return { kind: 'group', attributes: attrs };
  }
  const found = checked(ARRAY_2, array, path);
  checkRank(found.shape, found.chunks, path);
  const type = typeof found.dtype === 'string' ? found.dtype : '';
  const filters = (found.filters ?? []).map(({ id }) => id);
  const isText = (type === '|O' && filters.includes('vlen-utf8')) || /^[<>|][US]\d{1,5}$/.test(type);
  const numbers = /^[<>|]/.test(type) ? (TYPES_2[type.slice(1)] ?? null) : null;
  return {
    kind: 'array',
    attributes: attrs,
    version: 2,
    shape: found.shape,
    elements: isText ? 'string' : elementsOf(numbers),
    numbers,
    chunks: found.chunks,
    keys: { prefix: '', separator: found.dimension_separator ?? '.' },
    chunkElements: product(found.chunks),
    codecs: [...filters, ...(found.compressor ? [found.compressor.id] : [])],
    document: {
      ...found,
      fill_value: fill(found.fill_value, isText, numbers),
      filters: found.filters ?? null,
    },
  };
}

/** The node that a `zarr.json` tells of. @throws DataError `corrupt`, `unsupported-type` */
export function nodeOfVersion3(path: string, document: unknown): ZarrNode {
  const type = typeof document === 'object' && document !== null ? Reflect.get(document, 'node_type') : null;
  if (type !== 'array') {
    return { kind: 'group', attributes: checked(GROUP_3, document, path).attributes ?? {} };
  }
  const found = checked(ARRAY_3, document, path);
  const { chunk_shape: chunks } = found.chunk_grid.configuration;
  const encoding = found.chunk_key_encoding;
  checkRank(found.shape, chunks, path);
  const sharding = found.codecs.find(({ name }) => name === 'sharding_indexed');
  const shard = sharding ? checked(SHARDING, sharding.configuration, path) : null;
  if (shard) {
    const fits = chunks.every((extent, axis) => extent % shard.chunk_shape[axis] === 0);
    if (found.codecs.length > 1 || shard.chunk_shape.length !== chunks.length || !fits)
      throw new DataError('corrupt', `the shards of ${path} do not fit`, path);
    if (shard.codecs.some(({ name }) => name === 'sharding_indexed'))
      throw new DataError('unsupported-type', `${path} has shards within shards`, path);
  }
  const isText = found.data_type === 'string';
  const numbers = TYPES_3.has(String(found.data_type)) ? (found.data_type as NumberType) : null;
  return {
    kind: 'array',
    attributes: found.attributes ?? {},
    version: 3,
    shape: found.shape,
    elements: isText ? 'string' : elementsOf(numbers),
    numbers,
    chunks,
    keys: {
      prefix: encoding.name === 'default' ? 'c' : '',
      separator: encoding.configuration?.separator ?? (encoding.name === 'default' ? '/' : '.'),
    },
    chunkElements: product(shard?.chunk_shape ?? chunks),
    codecs: [...found.codecs, ...(shard ? [...shard.codecs, ...shard.index_codecs] : [])].map(
      ({ name }) => name,
    ),
    document: { ...found, fill_value: fill(found.fill_value, isText, numbers) },
  };
}

/** Bytes of one number. */
export function sizeOfNumber(type: NumberType | null): number {
  return type === null || type === 'bool' ? 1 : Number(/\d+$/.exec(type)?.[0] ?? 8) / 8;
}

function checked<T extends v.GenericSchema>(schema: T, value: unknown, path: string): v.InferOutput<T> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new DataError(
    'corrupt',
    `the metadata of ${path || 'the zarr store'} is wrong: ${v.getDotPath(issue) ?? 'all of it'}`,
    path,
  );
}

function checkRank(shape: readonly number[], chunks: readonly number[], path: string): void {
  if (shape.length !== chunks.length)
    throw new DataError('corrupt', `${path} has chunks of another number of axes`, path);
}

function product(numbers: readonly number[]): number {
  return numbers.reduce((all, extent) => all * extent, 1);
}

function elementsOf(numbers: NumberType | null): ElementKind {
  if (numbers === null) return 'other';
  if (numbers === 'bool') return 'boolean';
  return numbers.startsWith('float') ? 'float' : 'integer';
}

/** What stands where nothing is stored; text arrays of zarr v2 say 0 for none. */
function fill(value: unknown, isText: boolean, numbers: NumberType | null): unknown {
  if (isText) return typeof value === 'string' ? value : '';
  return value === null || value === undefined ? (numbers === 'bool' ? false : 0) : value;
}
