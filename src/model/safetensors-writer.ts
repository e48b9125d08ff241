import { float32ToBfloat16, float32ToFloat16 } from './float16.ts';
import { DTYPE_BYTES } from './safetensors-header.ts';
import type { WeightSource } from './weights.ts';

/** A tensor to write; F16 and BF16 are rounded from float32, to nearest with ties to even. */
export type TensorToWrite = { readonly name: string; readonly shape: readonly number[] } & (
  | { readonly dtype: 'F32' | 'F16' | 'BF16'; readonly data: Float32Array }
  | { readonly dtype: 'F64'; readonly data: Float64Array }
  | { readonly dtype: 'I32'; readonly data: Int32Array }
  | { readonly dtype: 'U32'; readonly data: Uint32Array }
  | { readonly dtype: 'U16'; readonly data: Uint16Array }
  | { readonly dtype: 'U8'; readonly data: Uint8Array }
);

/**
 * A safetensors file in memory. Wider dtypes come first, so every tensor is aligned to its values;
 * otherwise tensors keep the order given.
 * @throws RangeError where a tensor's data does not fill its shape or a name occurs twice.
 */
export function writeSafetensors(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort((a, b) => DTYPE_BYTES[b.dtype] - DTYPE_BYTES[a.dtype]);
  const entries: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) entries.push(['__metadata__', metadata]);
  const names = new Set<string>();
  let end = 0;
  for (const { name, dtype, shape, data } of ordered) {
    const length = shape.reduce((product, n) => product * n, 1);
    if (length !== data.length) throw new RangeError(`${name}: ${data.length} values for shape [${shape}]`);
    if (names.has(name)) throw new RangeError(`two tensors are called ${name}`);
    names.add(name);
    const begin = end;
    end += length * DTYPE_BYTES[dtype];
    entries.push([name, { dtype, shape, data_offsets: [begin, end] }]);
  }
  const header = encodeHeader(entries);
  const out = new Uint8Array(header.length + end);
  out.set(header);
  let at = header.length;
  for (const tensor of ordered) {
    const bytes = stored(tensor);
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

function stored(tensor: TensorToWrite): Uint8Array {
  const values =
    tensor.dtype === 'F16'
      ? float32ToFloat16(tensor.data)
      : tensor.dtype === 'BF16'
        ? float32ToBfloat16(tensor.data)
        : tensor.data;
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The length and the JSON, filled with spaces so that the data after it is aligned. */
function encodeHeader(entries: readonly (readonly [string, unknown])[]): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + headerBytes).fill(0x20);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerBytes), true);
  out.set(json, 8);
  return out;
}

const CHUNK_VALUES = 4 * 1024 * 1024;

/** A safetensors file of float32, piece by piece: never more than 16 MB of it in memory. */
export async function* safetensorsChunks(weights: WeightSource): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const entries: [string, unknown][] = [];
  let end = 0;
  for (const [name, { shape }] of weights.tensors) {
    const begin = end;
    end += 4 * shape.reduce((product, n) => product * n, 1);
    entries.push([name, { dtype: 'F32', shape, data_offsets: [begin, end] }]);
  }
  yield encodeHeader(entries);
  for (const [name, { shape }] of weights.tensors) {
    const columns = shape.slice(1).reduce((product, n) => product * n, 1);
    const step = Math.max(1, Math.floor(CHUNK_VALUES / Math.max(1, columns)));
    for (let row = 0; row < shape[0]; row += step) {
      const values = await weights.read(name, row, Math.min(shape[0], row + step));
      yield new Uint8Array(values.buffer);
    }
  }
}
