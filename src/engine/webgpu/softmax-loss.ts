import { padTo4 } from '../../gpu/buffers.ts';
import { acquireGpu, type GpuContext, MAX_BINDING_BYTES } from '../../gpu/device.ts';
import { GpuUnavailableError } from '../../gpu/errors.ts';
import { classesOf, type SoftmaxData, type SoftmaxLoss } from '../softmax-loss.ts';
import { packTargets, softmaxLossCases } from './cases/softmax.ts';
import { chooseFrom, freshSeed } from './choose-kernels.ts';
import type { Dispatch } from './dispatch.ts';
import { Executor } from './executor.ts';
import { gemmConstants, gemmUniforms } from './kernels/gemm/gemm.ts';

/** Features written, and worked on, at a time: short command buffers, little standing twice. */
const CHUNK_BYTES = 32 * 2 ** 20;
/** Of one chunk's two multiplications: some 100 ms on a slow integrated GPU. */
const CHUNK_FLOPS = 4e9;
/** Rows whose gradients are added up in float32. */
const SLICE_ROWS = 512;

/**
 * The loss on a GPU, a fallback in software excepted: it is slower than WebAssembly.
 * @throws GpuUnavailableError, KernelSelfTestError, GpuMemoryError
 */
export async function createGpuSoftmaxLoss(
  gpu: GPU | undefined,
  data: SoftmaxData,
  pause: () => Promise<void>,
): Promise<SoftmaxLoss> {
  const context = await acquireGpu(gpu);
  if (context.software) {
    context.destroy();
    throw new GpuUnavailableError('no-adapter', `${context.name} is software`);
  }
  try {
    const loss = await softmaxLossOn(context, data, pause);
    const destroy = () => {
      loss.destroy();
      context.destroy();
    };
    return { evaluate: (parameters, gradient, turn) => loss.evaluate(parameters, gradient, turn), destroy };
  } catch (error) {
    context.destroy();
    throw error;
  }
}

/** The loss on a device the caller keeps, software or not. */
export async function softmaxLossOn(
  context: GpuContext,
  data: SoftmaxData,
  pause: () => Promise<void>,
  chunkBytes = CHUNK_BYTES,
): Promise<SoftmaxLoss> {
  const { choose } = await chooseFrom(context, softmaxLossCases(freshSeed()));
  const executor = new Executor(context, choose, new Map());
  try {
    return await GpuSoftmaxLoss.upload(executor, data, pause, chunkBytes);
  } catch (error) {
    executor.destroy();
    throw error;
  }
}

/**
 * Features carry a column of ones behind them, so that an intercept is a coefficient; residuals carry the
 * loss behind them, so that one transposed multiplication gives gradient, intercepts and loss.
 */
class GpuSoftmaxLoss implements SoftmaxLoss {
  /** Rows of the chunks, in order. */
  readonly #chunks: number[] = [];

  private constructor(
    private readonly executor: Executor,
    private readonly data: SoftmaxData,
  ) {}

  static async upload(
    executor: Executor,
    data: SoftmaxData,
    pause: () => Promise<void>,
    chunkBytes: number,
  ): Promise<GpuSoftmaxLoss> {
    const loss = new GpuSoftmaxLoss(executor, data);
    const { cells, dimension: d } = data;
    const { inner, stride, classes } = loss.#shape();
    const rowsAtOnce = Math.max(
      1,
      Math.floor(
        Math.min(chunkBytes / (4 * inner), MAX_BINDING_BYTES / (4 * stride), CHUNK_FLOPS / (4 * d * classes)),
      ),
    );
    for (let first = 0; first < cells; first += rowsAtOnce) {
      await pause();
      const last = Math.min(cells, first + rowsAtOnce);
      const features = data.features(first, last);
      const x = new Float32Array((last - first) * inner);
      for (let i = 0; i < last - first; i++) {
        x.set(features.subarray(i * d, (i + 1) * d), i * inner);
        x[i * inner + d] = 1;
      }
      const targets = packTargets(data.labels.subarray(first, last), data.weights.subarray(first, last));
      await executor.write(`x.${loss.#chunks.length}`, x);
      await executor.write(`targets.${loss.#chunks.length}`, targets);
      loss.#chunks.push(last - first);
    }
    const rows = Math.min(cells, rowsAtOnce);
    await executor.write('bias', new Float32Array(padTo4(classes)));
    await executor.reserve('logits', 4 * rows * padTo4(classes));
    await executor.reserve('residuals', 4 * rows * stride);
    await executor.reserve('gradients', 4 * Math.ceil(rows / SLICE_ROWS) * inner * stride);
    return loss;
  }

  async evaluate(
    parameters: Float64Array,
    gradient: Float64Array,
    pause: () => Promise<void>,
  ): Promise<number> {
    const { inner, stride, classes, skipped } = this.#shape();
    const { dimension: d, outputs } = this.data;
    const weight = new Float32Array(inner * padTo4(classes));
    for (let c = 0; c < outputs; c++)
      for (let j = 0; j <= d; j++) weight[j * padTo4(classes) + c + skipped] = parameters[c * (d + 1) + j];
    await this.executor.write('weight', weight);
    gradient.fill(0);
    let loss = 0;
    for (const [chunk, rows] of this.#chunks.entries()) {
      await pause();
      await this.executor.run(this.#dispatches(chunk, rows));
      const slices = Math.ceil(rows / SLICE_ROWS);
      const [sums] = await this.executor.read([{ name: 'gradients', bytes: 4 * slices * inner * stride }]);
      for (let slice = 0; slice < slices; slice++) {
        for (let j = 0; j <= d; j++) {
          const from = (slice * inner + j) * stride;
          for (let c = 0; c < outputs; c++) gradient[c * (d + 1) + j] += sums[from + c + skipped];
          if (j === d) loss += sums[from + classes];
        }
      }
    }
    return loss;
  }

  destroy(): void {
    this.executor.destroy();
  }

  #shape() {
    const classes = classesOf(this.data);
    return {
      classes,
      /** Classes before the first output: the first of two, whose row is zeros. */
      skipped: classes - this.data.outputs,
      inner: padTo4(this.data.dimension + 1),
      stride: padTo4(classes + 1),
    };
  }

  #dispatches(chunk: number, rows: number): Dispatch[] {
    const { inner, stride, classes } = this.#shape();
    const flops = 2 * rows * inner * classes;
    return [
      {
        label: 'logits',
        kernel: 'gemm',
        constants: gemmConstants('bias'),
        storage: 'f32',
        buffers: { x: `x.${chunk}`, weight: 'weight', bias: 'bias', residual: 'bias', y: 'logits' },
        uniforms: gemmUniforms({ rows, inner, columns: classes }),
        flops,
      },
      {
        label: 'residuals',
        kernel: 'softmax-residual',
        constants: {},
        storage: 'f32',
        buffers: { logits: 'logits', targets: `targets.${chunk}`, y: 'residuals' },
        uniforms: { rows, classes, logit_stride: padTo4(classes), stride },
        flops: 8 * rows * classes,
      },
      {
        label: 'gradients',
        kernel: 'gemm-transposed',
        constants: {},
        storage: 'f32',
        buffers: { x: `x.${chunk}`, r: 'residuals', y: 'gradients' },
        uniforms: { rows, slice_rows: SLICE_ROWS, inner4: inner / 4, columns4: stride / 4 },
        flops,
      },
    ];
  }
}
