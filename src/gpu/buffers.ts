import { type GpuContext, inErrorScopes } from './device.ts';

/** Values rounded up to a whole number of vec4. */
export function padTo4(columns: number): number {
  return Math.ceil(columns / 4) * 4;
}

/** A storage buffer of `bytes`, zeroed, that kernels read and write and that copies go to and from. */
export function createStorageBuffer(context: GpuContext, label: string, bytes: number): Promise<GPUBuffer> {
  const size = Math.max(16, Math.ceil(bytes / 16) * 16);
  return inErrorScopes(context, label, size, () =>
    context.device.createBuffer({
      label,
      size,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    }),
  );
}

/** The first `bytes` of a read-back buffer, in memory the caller owns. */
export async function readBytes(
  context: GpuContext,
  staging: GPUBuffer,
  bytes: number,
): Promise<ArrayBuffer> {
  await context.guard(staging.mapAsync(GPUMapMode.READ, 0, bytes));
  const copy = staging.getMappedRange(0, bytes).slice(0);
  staging.unmap();
  return copy;
}

/** Rows of `columns` values laid out anew with rows of `stride` values, zeros behind. */
export function padRows(
  values: Float32Array,
  rows: number,
  columns: number,
  stride = padTo4(columns),
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows * stride);
  for (let row = 0; row < rows; row++)
    out.set(values.subarray(row * columns, (row + 1) * columns), row * stride);
  return out;
}

/** The reverse of padRows: the first `columns` values of each row of `stride`. */
export function unpadRows(
  values: Float32Array,
  rows: number,
  columns: number,
  stride = padTo4(columns),
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    out.set(values.subarray(row * stride, row * stride + columns), row * columns);
  return out;
}
