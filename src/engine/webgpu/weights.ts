import { createStorageBuffer, padRows, padTo4 } from '../../gpu/buffers.ts';
import type { GpuContext } from '../../gpu/device.ts';
import { MAX_BINDING_BYTES } from '../../gpu/device.ts';
import { GpuMemoryError } from '../../gpu/errors.ts';
import type { ModelConfig } from '../../model/config.ts';
import { float32ToFloat16 } from '../../model/float16.ts';
import type { WeightSource } from '../../model/weights.ts';
import type { Precision } from '../engine.ts';
import { STORED_BYTES, type TableChunk } from './dispatch.ts';
import { weightBytes } from './memory.ts';
import { totalClasses } from './plan.ts';

/** Rows of a table read and written at a time: what stands in memory beside the device. */
const UPLOAD_BYTES = 16 * 2 ** 20;

/** Numbers as they are written to the device. */
type Stored = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

const asFloat32 = (values: Float32Array<ArrayBuffer>): Stored => values;

export interface UploadOptions {
  /** Bytes on the device so far, of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How matrices and embedding tables are stored; biases and norms are float32 (default f32). */
  readonly storage?: Precision;
}

/**
 * A linear weight [out, in] as the kernels read it: transposed [in, out], both sides padded with
 * zeros to a multiple of four (the rows only where asked).
 */
export function transposeForGemm(
  weight: Float32Array,
  out: number,
  inner: number,
  padInner = true,
): Float32Array<ArrayBuffer> {
  const stride = padTo4(out);
  const transposed = new Float32Array((padInner ? padTo4(inner) : inner) * stride);
  for (let row = 0; row < out; row++)
    for (let k = 0; k < inner; k++) transposed[k * stride + row] = weight[row * inner + k];
  return transposed;
}

/**
 * The weights of the forward pass on the device, read and written tensor by tensor (tables by rows),
 * so that no more than one of them stands in memory. Buffer names are those `plan.ts` uses.
 * @throws GpuMemoryError; the buffers made until then are destroyed.
 */
export async function uploadWeights(
  context: GpuContext,
  config: ModelConfig,
  chunks: readonly TableChunk[],
  source: WeightSource,
  { onProgress, signal, storage = 'f32' }: UploadOptions = {},
): Promise<Map<string, GPUBuffer>> {
  const buffers = new Map<string, GPUBuffer>();
  const total = weightBytes(config, storage);
  const stored = (values: Float32Array<ArrayBuffer>) =>
    storage === 'f16' ? float32ToFloat16(values) : values;
  let done = 0;
  const allocate = async (name: string, bytes: number) => {
    if (bytes > MAX_BINDING_BYTES) throw new GpuMemoryError(name, bytes);
    const buffer = await createStorageBuffer(context, name, bytes);
    buffers.set(name, buffer);
    return buffer;
  };
  const write = async (buffer: GPUBuffer, offset: number, values: Stored) => {
    signal?.throwIfAborted();
    context.device.queue.writeBuffer(buffer, offset, values);
    // Without waiting, the queue would keep a copy of every tensor until the next submit.
    context.device.queue.submit([]);
    await context.guard(context.device.queue.onSubmittedWorkDone());
    done += values.byteLength;
    onProgress?.(done, total);
  };
  const table = async (name: string, tensor: string, start: number, end: number, columns: number) => {
    const rowBytes = STORED_BYTES[storage] * padTo4(columns);
    const buffer = await allocate(name, (end - start) * rowBytes);
    const step = Math.max(1, Math.floor(UPLOAD_BYTES / rowBytes));
    for (let row = start; row < end; row += step) {
      const last = Math.min(end, row + step);
      const values = await source.read(tensor, row, last);
      await write(buffer, (row - start) * rowBytes, stored(padRows(values, last - row, columns)));
    }
  };
  const vector = async (name: string, tensor: string, columns: number, as = asFloat32) => {
    const values = as(padRows(await source.read(tensor), 1, columns));
    await write(await allocate(name, values.byteLength), 0, values);
  };
  const linear = async (name: string, weight: string, bias: string, out: number, inner: number) => {
    const values = stored(transposeForGemm(await source.read(weight), out, inner));
    await write(await allocate(name, values.byteLength), 0, values);
    await vector(`${name}.bias`, bias, out);
  };

  const { dModel: d, dHid } = config;
  try {
    for (const { buffer, start, end } of chunks) await table(buffer, 'embeddings.weight', start, end, d);
    await table('positions', 'position_embeddings.weight', 0, config.maxPositionEmbeddings, d);
    if (config.valueInput === 'binned')
      await table('value', 'value_embeddings.weight', 0, config.bins + 1, d);
    if (config.valueInput === 'rank') {
      await vector('value', 'value_projection.weight', d, stored);
      await vector('value.bias', 'value_projection.bias', d, stored);
    }
    for (let i = 0; i < config.nLayers; i++) {
      const from = `encoder.layers.${i}`;
      const to = `layers.${i}`;
      const attention = `${from}.self_attn`;
      await linear(`${to}.in_proj`, `${attention}.in_proj_weight`, `${attention}.in_proj_bias`, 3 * d, d);
      await linear(`${to}.out_proj`, `${attention}.out_proj.weight`, `${attention}.out_proj.bias`, d, d);
      await linear(`${to}.linear1`, `${from}.linear1.weight`, `${from}.linear1.bias`, dHid, d);
      await linear(`${to}.linear2`, `${from}.linear2.weight`, `${from}.linear2.bias`, d, dHid);
      for (const norm of ['norm1', 'norm2']) {
        await vector(`${to}.${norm}`, `${from}.${norm}.weight`, d);
        await vector(`${to}.${norm}.bias`, `${from}.${norm}.bias`, d);
      }
    }
    if (totalClasses(config) > 0) {
      const { weight, bias } = await joinHeads(config, source);
      // The heads read the pooled states, which are float32, and are small: they stay float32.
      const values = transposeForGemm(weight, totalClasses(config), d);
      await write(await allocate('heads', values.byteLength), 0, values);
      const padded = padRows(bias, 1, bias.length);
      await write(await allocate('heads.bias', padded.byteLength), 0, padded);
    }
  } catch (cause) {
    for (const buffer of buffers.values()) buffer.destroy();
    throw cause;
  }
  return buffers;
}

/** All annotation heads under each other as one matrix: one multiplication gives every logit. */
async function joinHeads(config: ModelConfig, source: WeightSource) {
  const classes = totalClasses(config);
  const weight = new Float32Array(classes * config.dModel);
  const bias = new Float32Array(classes);
  let row = 0;
  for (const [name, names] of Object.entries(config.annotations)) {
    weight.set(await source.read(`annotation_heads.${name}.weight`), row * config.dModel);
    bias.set(await source.read(`annotation_heads.${name}.bias`), row);
    row += names.length;
  }
  return { weight, bias };
}
