import { float32ToBfloat16, float32ToFloat16 } from './float16.ts';
import { DTYPE_BYTES } from './safetensors-header.ts';

/** A tensor to write; F16 and BF16 are rounded from float32, to nearest with ties to even. */
export type TensorToWrite = { readonly name: string; readonly shape: readonly number[] } & (
  | { readonly dtype: 'F32' | 'F16' | 'BF16'; readonly data: Float32Array }
  | { readonly dtype: 'I32'; readonly data: Int32Array }
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
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + headerBytes + end);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerBytes), true);
  out.fill(0x20, 8, 8 + headerBytes);
  out.set(json, 8);
  let at = 8 + headerBytes;
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
