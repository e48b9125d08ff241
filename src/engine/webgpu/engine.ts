import { acquireGpu } from '../../gpu/device.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { Engine, Precision } from '../engine.ts';
import type { BrokenKernel } from './broken-kernel.ts';
import { chooseKernels } from './choose-kernels.ts';
import { asEngineError, Encoder } from './encoder.ts';
import { Executor } from './executor.ts';
import { tableChunks } from './memory.ts';
import { Pace } from './pace.ts';
import type { SelfTestResult } from './self-test.ts';
import type { SpecialIds } from './slice-layout.ts';
import { uploadWeights } from './weights.ts';

export interface WebGpuEngineOptions {
  /** `navigator.gpu`, or that of a Dawn binding in Node. */
  readonly gpu: GPU | undefined;
  readonly package: Pick<ModelPackage, 'config' | 'vocabulary' | 'weights'>;
  /** Kernel variant to prefer where a kernel has it (`tiled-64x64`, `direct-1`, …). */
  readonly variant?: string;
  /** Bytes of weights on the device, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Test switch: one kernel computes wrongly, which the self-test must notice. */
  readonly breakKernel?: BrokenKernel;
  /** Test switch: bytes of an embedding table in one binding, smaller than what devices guarantee. */
  readonly bindingBytes?: number;
  /** Test switch: flops of one command buffer; otherwise measured. */
  readonly submitFlops?: number;
}

export interface WebGpuEngine extends Engine {
  /** What the start-up self-test found, kernel variant by kernel variant. */
  readonly selfTest: readonly SelfTestResult[];
}

/**
 * The encoder on our own WGSL kernels: acquires a device, tests every kernel on it, uploads the
 * weights.
 * @throws GpuUnavailableError, KernelSelfTestError, or EngineLostError where the weights do not fit
 * the device
 */
export async function createWebGpuEngine(options: WebGpuEngineOptions): Promise<WebGpuEngine> {
  const { config, vocabulary, weights: source } = options.package;
  const special: SpecialIds = {
    annotations: vocabulary.annotationIds(Object.keys(config.annotations)),
    pad: vocabulary.special.get('<pad>') ?? null,
  };
  const precision: Precision = 'f32';
  const context = await acquireGpu(options.gpu);
  try {
    const { choose, results } = await chooseKernels(context, config, {
      precision,
      prefer: options.variant,
      broken: options.breakKernel,
    });
    const chunks = tableChunks(config, options.bindingBytes, precision);
    const buffers = await uploadWeights(context, config, chunks, source, {
      onProgress: options.onProgress,
      signal: options.signal,
      storage: precision,
    });
    const executor = new Executor(context, choose, buffers, options.breakKernel);
    const pace = new Pace(context.software, options.submitFlops);
    const encoder = new Encoder({ context, executor, pace, config, special, chunks, precision });
    return Object.assign(encoder, { selfTest: results });
  } catch (cause) {
    context.destroy();
    throw asEngineError(cause);
  }
}
