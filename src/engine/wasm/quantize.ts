/** A Linear weight as 8-bit integers, laid out as MatMul's right-hand side. */
export interface QuantizedColumns {
  /** [inSize, outSize], −127 … 127 */
  readonly values: Int8Array<ArrayBuffer>;
  /** [outSize] weight ≈ value · scale */
  readonly scales: Float32Array<ArrayBuffer>;
}

/** Below this an output's weights count as zeros: their scale would be a float32 without precision. */
const LEAST_WEIGHT = 1e-30;

/**
 * Symmetric quantization with one scale an output: its largest magnitude becomes 127. An output of
 * zeros gets scale 1.
 * @param weight [outSize, inSize]
 */
export function quantizeColumns(weight: Float32Array, outSize: number, inSize: number): QuantizedColumns {
  const values = new Int8Array(inSize * outSize);
  const scales = new Float32Array(outSize);
  for (let out = 0; out < outSize; out++) {
    const row = weight.subarray(out * inSize, (out + 1) * inSize);
    let largest = 0;
    for (const value of row) largest = Math.max(largest, Math.abs(value));
    scales[out] = largest < LEAST_WEIGHT ? 1 : largest / 127;
    for (let i = 0; i < inSize; i++) values[i * outSize + out] = Math.round(row[i] / scales[out]);
  }
  return { values, scales };
}
