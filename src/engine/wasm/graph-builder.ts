import type { ModelConfig } from '../../model/config.ts';
import type { WeightSource } from '../../model/weights.ts';
import type { ExternalTensor, OnnxNode } from './onnx-writer.ts';
import { quantizeColumns } from './quantize.ts';

/** How the weights of linear layers are stored and multiplied. */
export type WasmPrecision = 'f32' | 'int8';

/** ORT reads external initialisers at multiples of this many bytes without complaint or copies of its own. */
const ALIGNMENT = 64;

/** Collects tensors into one blob and keeps where each lies. */
export class WeightBlob {
  readonly tensors: ExternalTensor[] = [];
  private readonly bytes: Uint8Array<ArrayBuffer>;
  private end = 0;

  /** @param capacity bytes of `tensors` values in all */
  constructor(capacity: number, tensors: number) {
    this.bytes = new Uint8Array(capacity + tensors * ALIGNMENT);
  }

  add(name: string, shape: readonly number[], values: Float32Array | Int8Array): void {
    this.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), this.end);
    const type = values instanceof Int8Array ? 'int8' : 'float32';
    this.tensors.push({ name, type, shape, offset: this.end, byteLength: values.byteLength });
    this.end += Math.ceil(values.byteLength / ALIGNMENT) * ALIGNMENT;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.end);
  }
}

/** Where a graph is being put together: nodes in order, initialisers in the blob. */
export interface Builder {
  readonly config: ModelConfig;
  readonly weights: WeightSource;
  readonly precision: WasmPrecision;
  readonly nodes: OnnxNode[];
  readonly blob: WeightBlob;
  /** Names of values that a DynamicQuantizeLinear has quantized already. */
  readonly quantized: Set<string>;
}

/** Reads a vector into the blob. @returns its name */
export async function vector(b: Builder, name: string, size: number): Promise<string> {
  b.blob.add(name, [size], await b.weights.read(name));
  return name;
}

/**
 * input · weightᵀ without the bias, for rows [part · outSize, (part + 1) · outSize) of a Linear weight
 * [out, inSize]. Of onnxruntime-web 1.30's integer products the one taken is the fastest: up to three times
 * FusedMatMul in one thread and in two, DynamicQuantizeMatMul about two times, MatMulNBits of 4 or 8 bits none.
 */
export async function project(
  b: Builder,
  input: string,
  weight: string,
  inSize: number,
  outSize: number,
  part = 0,
): Promise<string> {
  const name = `${weight}.${part}`;
  const rows = await b.weights.read(weight, part * outSize, (part + 1) * outSize);
  const product = `${name}.product`;
  if (b.precision === 'int8') {
    const { values, scales } = quantizeColumns(rows, outSize, inSize);
    b.blob.add(name, [inSize, outSize], values);
    b.blob.add(`${name}.scales`, [outSize], scales);
    const [integers, scale, zero] = quantizeInput(b, input);
    b.nodes.push({
      op: 'MatMulIntegerToFloat',
      domain: 'com.microsoft',
      inputs: [integers, name, scale, `${name}.scales`, zero],
      outputs: [product],
    });
  } else {
    b.blob.add(name, [outSize, inSize], rows);
    b.nodes.push({
      op: 'FusedMatMul',
      domain: 'com.microsoft',
      inputs: [input, name],
      outputs: [product],
      attributes: { transB: { int: 1 } },
    });
  }
  return product;
}

/** uint8 values of `input` with the scale and zero point of its present range, once for each input. */
function quantizeInput(b: Builder, input: string): readonly [string, string, string] {
  const names = [`${input}.integers`, `${input}.scale`, `${input}.zero`] as const;
  if (!b.quantized.has(input)) b.nodes.push({ op: 'DynamicQuantizeLinear', inputs: [input], outputs: names });
  b.quantized.add(input);
  return names;
}
