import type * as Ort from 'onnxruntime-web/wasm';
import { classesOf, type SoftmaxData, type SoftmaxLoss } from '../softmax-loss.ts';
import { type ExternalTensor, type OnnxNode, writeOnnxModel } from './onnx-writer.ts';
import { exclusively, loadRuntime, type OrtModule, type RuntimeOptions } from './runtime.ts';

/** Features of one session: few enough that a cancel is heard and little stands twice while it is made. */
const CHUNK_BYTES = 16 * 2 ** 20;
const ALIGNMENT = 64;
const BLOB = 'cells';

/**
 * The loss with onnxruntime-web's WebAssembly as the multiplier: features, labels and weights of a chunk of
 * cells stay in a session each; a call takes the parameters and gives gradient and losses. Float32 in
 * a chunk, summed over chunks in float64.
 * @throws EngineLostError 'out-of-memory' where the wasm heap has no room for the features
 */
export async function createWasmSoftmaxLoss(
  data: SoftmaxData,
  options: RuntimeOptions,
  pause: () => Promise<void>,
  chunkBytes = CHUNK_BYTES,
): Promise<SoftmaxLoss> {
  const { ort } = await loadRuntime(options);
  const chunks = Math.ceil((4 * data.cells * data.dimension) / chunkBytes);
  const rows = Math.ceil(data.cells / chunks);
  const sessions: Ort.InferenceSession[] = [];
  try {
    for (let first = 0; first < data.cells; first += rows) {
      await pause();
      sessions.push(await createSession(ort, data, first, Math.min(data.cells, first + rows)));
    }
  } catch (error) {
    releaseAll(sessions);
    throw error;
  }
  return new WasmSoftmaxLoss(ort, data, sessions);
}

function releaseAll(sessions: readonly Ort.InferenceSession[]): void {
  for (const session of sessions) exclusively(() => session.release()).catch(() => undefined);
}

function createSession(
  ort: OrtModule,
  data: SoftmaxData,
  first: number,
  last: number,
): Promise<Ort.InferenceSession> {
  const k = classesOf(data);
  const rows = last - first;
  const targets = new Float32Array(rows * k);
  const weights = Float32Array.from(data.weights.subarray(first, last));
  for (let i = 0; i < rows; i++) targets[i * k + data.labels[first + i]] = weights[i];
  const tensors = [
    { name: 'x', shape: [rows, data.dimension], values: data.features(first, last) },
    { name: 'targets', shape: [rows, k], values: targets },
    { name: 'weights', shape: [rows, 1], values: weights },
    { name: 'ones', shape: [rows, 1], values: new Float32Array(rows).fill(1) },
  ];
  const external: ExternalTensor[] = [];
  let end = 0;
  for (const { name, shape, values } of tensors) {
    external.push({ name, shape, offset: end, byteLength: values.byteLength });
    end += Math.ceil(values.byteLength / ALIGNMENT) * ALIGNMENT;
  }
  const blob = new Uint8Array(end);
  for (const [i, { values }] of tensors.entries())
    blob.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), external[i].offset);
  return exclusively(() =>
    ort.InferenceSession.create(writeLossModel(rows, data.dimension, k, external), {
      executionProviders: ['wasm'],
      graphOptimizationLevel: 'all',
      enableCpuMemArena: false,
      enableMemPattern: false,
      externalData: [{ path: BLOB, data: blob }],
    }),
  );
}

/**
 * logp = log softmax(x Wᵀ + b); r = weights · exp(logp) − targets; gradient = rᵀ x, intercepts = rᵀ 1,
 * losses = logp · targets, where targets [rows, k] hold a cell's weight at its class.
 */
function writeLossModel(rows: number, d: number, k: number, external: readonly ExternalTensor[]) {
  const transposed = (by: string, output: string): OnnxNode => ({
    op: 'FusedMatMul',
    domain: 'com.microsoft',
    inputs: ['r', by],
    outputs: [output],
    attributes: { transA: { int: 1 } },
  });
  const type = 'float32' as const;
  return writeOnnxModel({
    name: 'softmax-loss',
    inputs: [
      { name: 'coefficients', type, shape: [k, d] },
      { name: 'intercepts', type, shape: [k] },
    ],
    nodes: [
      {
        op: 'Gemm',
        inputs: ['x', 'coefficients', 'intercepts'],
        outputs: ['logits'],
        attributes: { transB: { int: 1 } },
      },
      { op: 'LogSoftmax', inputs: ['logits'], outputs: ['logp'] },
      { op: 'Exp', inputs: ['logp'], outputs: ['p'] },
      { op: 'Mul', inputs: ['p', 'weights'], outputs: ['weighted'] },
      { op: 'Sub', inputs: ['weighted', 'targets'], outputs: ['r'] },
      { op: 'Mul', inputs: ['logp', 'targets'], outputs: ['losses'] },
      transposed('x', 'gradient'),
      transposed('ones', 'intercept_gradient'),
    ],
    outputs: [
      { name: 'gradient', type, shape: [k, d] },
      { name: 'intercept_gradient', type, shape: [k, 1] },
      { name: 'losses', type, shape: [rows, k] },
    ],
    external,
    externalLocation: BLOB,
  });
}

class WasmSoftmaxLoss implements SoftmaxLoss {
  constructor(
    private readonly ort: OrtModule,
    private readonly data: SoftmaxData,
    private readonly sessions: readonly Ort.InferenceSession[],
  ) {}

  async evaluate(
    parameters: Float64Array,
    gradient: Float64Array,
    pause: () => Promise<void>,
  ): Promise<number> {
    const { dimension: d, outputs } = this.data;
    const k = classesOf(this.data);
    const skipped = k - outputs;
    const coefficients = new Float32Array(k * d);
    const intercepts = new Float32Array(k);
    for (let c = 0; c < outputs; c++) {
      coefficients.set(parameters.subarray(c * (d + 1), c * (d + 1) + d), (c + skipped) * d);
      intercepts[c + skipped] = parameters[c * (d + 1) + d];
    }
    const feeds = {
      coefficients: new this.ort.Tensor('float32', coefficients, [k, d]),
      intercepts: new this.ort.Tensor('float32', intercepts, [k]),
    };
    gradient.fill(0);
    let loss = 0;
    for (const session of this.sessions) {
      await pause();
      const answer = await exclusively(() => session.run(feeds));
      const part = answer.gradient.data as Float32Array;
      const interceptPart = answer.intercept_gradient.data as Float32Array;
      for (let c = 0; c < outputs; c++) {
        for (let j = 0; j < d; j++) gradient[c * (d + 1) + j] += part[(c + skipped) * d + j];
        gradient[c * (d + 1) + d] += interceptPart[c + skipped];
      }
      for (const value of answer.losses.data as Float32Array) loss -= value;
    }
    return loss;
  }

  destroy(): void {
    releaseAll(this.sessions);
  }
}
