import type { ByteSource } from './byte-source.ts';
import { ModelError } from './errors.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './float16.ts';
import {
  DTYPE_BYTES,
  MAX_HEADER_BYTES,
  parseSafetensorsHeader,
  type StoredDtype,
  type TensorEntry,
} from './safetensors-header.ts';
import type { TensorDtype, TensorInfo, WeightSource } from './weights.ts';

/** An opened safetensors file; tensors are read from the source on demand. */
export interface SafetensorsFile extends WeightSource {
  /** Every tensor, those of integers and other dtypes too; `tensors` holds the F32, F16 and BF16 ones. */
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly metadata: ReadonlyMap<string, string>;
  /** The bytes of a tensor as stored, little-endian, in memory of the caller's own. */
  readRaw(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * All values of a tensor of any numeric dtype as float64.
   * @throws ModelError 'tensor-dtype' for 8-bit floats and for 64-bit integers beyond 2^53.
   */
  readNumbers(name: string): Promise<Float64Array<ArrayBuffer>>;
}

/**
 * Reads and checks the header of a safetensors file
 * (format: https://github.com/huggingface/safetensors, "Format").
 * @throws ModelError 'weights-corrupt' for any header that does not describe exactly this file.
 */
export async function openSafetensors(source: ByteSource): Promise<SafetensorsFile> {
  if (source.size < 10)
    throw new ModelError('weights-corrupt', `${source.size} bytes hold no safetensors header`);
  const prefix = await source.read(0, 8);
  const declared = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (declared < 2n || declared > BigInt(Math.min(MAX_HEADER_BYTES, source.size - 8))) {
    throw new ModelError(
      'weights-corrupt',
      `the header says it is ${declared} bytes long, the file has ${source.size}`,
    );
  }
  const headerBytes = Number(declared);
  const { entries, metadata } = parseSafetensorsHeader(
    decodeUtf8(await source.read(8, headerBytes)),
    8 + headerBytes,
    source.size,
  );
  const tensors = new Map<string, TensorInfo>();
  for (const [name, { dtype, shape }] of entries) if (isFloat(dtype)) tensors.set(name, { dtype, shape });

  const entryOf = (name: string): TensorEntry => {
    const entry = entries.get(name);
    if (!entry) throw new ModelError('tensor-missing', `there is no tensor ${name}`, name);
    return entry;
  };
  return {
    tensors,
    entries,
    metadata,
    async read(name, rowStart = 0, rowEnd) {
      const { dtype, shape, length, offset } = entryOf(name);
      if (!isFloat(dtype))
        throw new ModelError('tensor-dtype', `tensor ${name} holds ${dtype}, not floats`, name);
      const rows = shape.length === 0 ? 1 : shape[0];
      const end = rowEnd ?? rows;
      if (!(rowStart >= 0 && rowStart <= end && end <= rows)) {
        throw new RangeError(`rows ${rowStart}–${end} of ${name}, which has ${rows}`);
      }
      const rowBytes = rows === 0 ? 0 : (length / rows) * DTYPE_BYTES[dtype];
      return toFloat32(dtype, await source.read(offset + rowStart * rowBytes, (end - rowStart) * rowBytes));
    },
    async readRaw(name) {
      const { offset, byteLength } = entryOf(name);
      return source.read(offset, byteLength);
    },
    async readNumbers(name) {
      const { dtype, offset, byteLength } = entryOf(name);
      return toFloat64(name, dtype, await source.read(offset, byteLength));
    },
  };
}

function isFloat(dtype: StoredDtype): dtype is TensorDtype {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16';
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ModelError('weights-corrupt', 'the header is not UTF-8', '', { cause });
  }
}

/** A buffer of exactly these bytes from offset 0: what typed arrays and transfers need. */
function ownBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  return whole ? bytes.buffer : bytes.slice().buffer;
}

function toFloat32(dtype: TensorDtype, bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const buffer = ownBuffer(bytes);
  if (dtype === 'F32') return new Float32Array(buffer);
  const bits = new Uint16Array(buffer);
  return dtype === 'F16' ? float16ToFloat32(bits) : bfloat16ToFloat32(bits);
}

function toFloat64(
  name: string,
  dtype: StoredDtype,
  bytes: Uint8Array<ArrayBuffer>,
): Float64Array<ArrayBuffer> {
  const buffer = ownBuffer(bytes);
  switch (dtype) {
    case 'F32':
    case 'F16':
    case 'BF16':
      return Float64Array.from(toFloat32(dtype, bytes));
    case 'F64':
      return new Float64Array(buffer);
    case 'I32':
      return Float64Array.from(new Int32Array(buffer));
    case 'U32':
      return Float64Array.from(new Uint32Array(buffer));
    case 'I16':
      return Float64Array.from(new Int16Array(buffer));
    case 'U16':
      return Float64Array.from(new Uint16Array(buffer));
    case 'I8':
      return Float64Array.from(new Int8Array(buffer));
    case 'U8':
    case 'BOOL':
      return Float64Array.from(bytes);
    case 'I64':
      return fromBigInts(name, new BigInt64Array(buffer));
    case 'U64':
      return fromBigInts(name, new BigUint64Array(buffer));
    default:
      throw new ModelError('tensor-dtype', `tensor ${name} holds ${dtype}, which is not read`, name);
  }
}

function fromBigInts(name: string, values: BigInt64Array | BigUint64Array): Float64Array<ArrayBuffer> {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    out[i] = Number(values[i]);
    if (!Number.isSafeInteger(out[i])) {
      throw new ModelError('tensor-dtype', `tensor ${name} holds integers beyond 2^53`, name);
    }
  }
  return out;
}
