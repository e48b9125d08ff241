/** dtype names of the safetensors format that we read. */
export type TensorDtype = 'F32' | 'F16' | 'BF16';

export interface TensorInfo {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
}

/**
 * Named tensors, read piece by piece so that 1.6 GB never stands in memory at once.
 * Implementations: a safetensors file (safetensors.ts) and weights made by rule (synthetic.ts).
 */
export interface WeightSource {
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  /**
   * Rows [rowStart, rowEnd) of a tensor (all of it by default) as float32, row-major.
   * A one-dimensional tensor counts as rows of one value.
   */
  read(name: string, rowStart?: number, rowEnd?: number): Promise<Float32Array<ArrayBuffer>>;
}
