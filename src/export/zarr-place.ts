import { gzipSync } from 'fflate';
import { type Attributes, type Numbers, type Place, storable } from './anndata.ts';

/** Elements of one chunk, about: 16 MiB of float32. */
const CHUNK_ELEMENTS = 2 ** 22;

/** Documents and chunks of a store by their path. */
export type ZarrFiles = Map<string, Uint8Array<ArrayBuffer>>;

/**
 * A group of a zarr v2 store in memory. Text, booleans and whole numbers are packed with gzip, real numbers lie as they
 * are: embeddings do not shrink.
 * @param path empty for the root, else ending in a slash
 */
export function zarrPlace(files: ZarrFiles, path = ''): Place {
  files.set(`${path}.zgroup`, json({ zarr_format: 2 }));
  return {
    attributes: (attributes) => files.set(`${path}.zattrs`, json(attributes)),
    group(name, attributes) {
      const made = zarrPlace(files, `${path}${name}/`);
      made.attributes(attributes);
      return made;
    },
    numbers(name, data, shape, attributes) {
      const isReal = data instanceof Float32Array || data instanceof Float64Array;
      writeArray(files, path + name, shape, attributes, {
        dtype: typeOf(data),
        packed: !isReal,
        bytes: (from, length, padded) => {
          const size = data.BYTES_PER_ELEMENT;
          const chunk = new Uint8Array(padded * size);
          chunk.set(new Uint8Array(data.buffer, data.byteOffset + from * size, length * size));
          return chunk;
        },
      });
    },
    booleans(name, values, attributes) {
      writeArray(files, path + name, [values.length], attributes, {
        dtype: '|b1',
        packed: true,
        bytes: (from, length, padded) => {
          const chunk = new Uint8Array(padded);
          chunk.set(values.subarray(from, from + length));
          return chunk;
        },
      });
    },
    strings(name, values, attributes) {
      writeArray(files, path + name, [values.length], attributes, {
        dtype: '|O',
        packed: true,
        bytes: (from, length, padded) =>
          packedTexts(
            Array.from({ length: padded }, (_, i) => (i < length ? storable(values[from + i]) : '')),
          ),
      });
    },
    scalar(name, value, attributes) {
      const stored = typeof value === 'string' ? fixedText(storable(value)) : numberBytes(value);
      writeArray(files, path + name, [], attributes, { ...stored, packed: false });
    },
  };
}

/** NumPy's name of the type; typed arrays have the byte order of the machine, which is little wherever browsers run. */
function typeOf(data: Numbers): string {
  if (data instanceof Int8Array) return '|i1';
  if (data instanceof Int32Array) return '<i4';
  if (data instanceof BigInt64Array) return '<i8';
  if (data instanceof BigUint64Array) return '<u8';
  return data instanceof Float32Array ? '<f4' : '<f8';
}

interface Content {
  readonly dtype: string;
  readonly packed: boolean;
  /** `length` elements from `from` on, padded to `padded`. */
  readonly bytes: (from: number, length: number, padded: number) => Uint8Array<ArrayBuffer>;
}

function writeArray(
  files: ZarrFiles,
  path: string,
  shape: readonly number[],
  attributes: Attributes,
  { dtype, packed, bytes }: Content,
): void {
  const [rows = 1, ...inner] = shape;
  const width = inner.reduce((product, extent) => product * extent, 1);
  const chunkRows = Math.max(1, Math.min(rows, Math.floor(CHUNK_ELEMENTS / Math.max(width, 1))));
  files.set(
    `${path}/.zarray`,
    json({
      zarr_format: 2,
      shape,
      chunks: shape.length === 0 ? [] : [chunkRows, ...inner.map((extent) => Math.max(extent, 1))],
      dtype,
      compressor: packed ? { id: 'gzip', level: 6 } : null,
      filters: dtype === '|O' ? [{ id: 'vlen-utf8' }] : null,
      fill_value: dtype === '|b1' ? false : dtype.startsWith('<U') ? '' : 0,
      order: 'C',
    }),
  );
  files.set(`${path}/.zattrs`, json(attributes));
  if (width === 0) return;
  for (let chunk = 0; chunk * chunkRows < rows; chunk++) {
    const from = chunk * chunkRows * width;
    const content = bytes(from, Math.min(rows * width - from, chunkRows * width), chunkRows * width);
    const place = shape.length === 0 ? '0' : [chunk, ...inner.map(() => 0)].join('.');
    files.set(
      `${path}/${place}`,
      packed ? (gzipSync(content, { level: 6, mtime: 0 }) as Uint8Array<ArrayBuffer>) : content,
    );
  }
}

/** Texts as numcodecs' vlen-utf8 has them: how many, then each with its length before it. */
function packedTexts(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const encoded = texts.map((text) => encoder.encode(text));
  const bytes = new Uint8Array(4 + encoded.reduce((sum, { length }) => sum + 4 + length, 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, texts.length, true);
  let at = 4;
  for (const text of encoded) {
    view.setUint32(at, text.length, true);
    bytes.set(text, at + 4);
    at += 4 + text.length;
  }
  return bytes;
}

/** NumPy's text of fixed length: code points of four bytes. */
function fixedText(text: string): Omit<Content, 'packed'> {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const bytes = new Uint8Array(4 * Math.max(1, points.length));
  const view = new DataView(bytes.buffer);
  for (const [i, point] of points.entries()) view.setUint32(4 * i, point, true);
  return { dtype: `<U${Math.max(1, points.length)}`, bytes: () => bytes };
}

function numberBytes(value: number): Omit<Content, 'packed'> {
  const view = new DataView(new ArrayBuffer(8));
  const isWhole = Number.isSafeInteger(value);
  if (isWhole) view.setBigInt64(0, BigInt(value), true);
  else view.setFloat64(0, value, true);
  return { dtype: isWhole ? '<i8' : '<f8', bytes: () => new Uint8Array(view.buffer) };
}

function json(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}
