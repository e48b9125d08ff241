import type { Dataset as H5Dataset } from 'h5wasm';
import { float16ToFloat32 } from '../../model/float16.ts';
import type { H5Module } from './runtime.ts';

/**
 * Elements [from, to) along the first axis of a float16 dataset, flattened: the library describes and fetches
 * such numbers, in the order of bytes of the machine, but does not decode them.
 * @param inner elements of one step along the first axis
 */
export function readHalves(
  module: H5Module,
  dataset: H5Dataset,
  from: number,
  to: number,
  inner: number,
): Float32Array<ArrayBuffer> {
  const [, ...others] = dataset.metadata.shape ?? [];
  const count = [to - from, ...others].map(BigInt);
  const offset = [from, ...others.map(() => 0)].map(BigInt);
  const strides = count.map(() => 1n);
  const bytes = 2 * (to - from) * inner;
  const at = module._malloc(Math.max(1, bytes));
  if (at === 0) throw new Error(`allocation of ${bytes} bytes failed`);
  try {
    module.get_dataset_data(dataset.file_id, dataset.path, count, offset, strides, BigInt(at));
    return float16ToFloat32(new Uint16Array(module.HEAPU8.slice(at, at + bytes).buffer));
  } finally {
    module._free(at);
  }
}
