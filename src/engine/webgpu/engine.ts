import { acquireGpu, type GpuContext } from '../../gpu/device.ts';
import type { ModelPackage } from '../../model/package.ts';
import type { Engine, Precision } from '../engine.ts';
import type { BrokenKernel } from './broken-kernel.ts';
import { type ChosenKernels, chooseKernels } from './choose-kernels.ts';
import { asEngineError, Encoder } from './encoder.ts';
import { Executor } from './executor.ts';
import { tableChunks } from './memory.ts';
import { Pace } from './pace.ts';
import { KernelSelfTestError, type SelfTestResult } from './self-test.ts';
import type { SpecialIds } from './slice-layout.ts';
import { type TuningOptions, tunedTable } from './tuner/tuner.ts';
import { uploadWeights } from './weights.ts';

export interface WebGpuEngineOptions {
  /** `navigator.gpu`, or that of a Dawn binding in Node. */
  readonly gpu: GPU | undefined;
  readonly package: Pick<ModelPackage, 'config' | 'vocabulary' | 'weights'>;
  /** Kernel variant to prefer where a kernel has it (`tiled-64x64`, `direct-1`, …). */
  readonly variant?: string;
  /** How weights and activations are stored; float32 where the adapter cannot do it, or not rightly (default f32). */
  readonly precision?: Precision;
  /** Where the fastest variants on this adapter are remembered, once measured; absent: as committed. */
  readonly tuning?: Pick<TuningOptions, 'store' | 'userAgent' | 'onProgress' | 'onUnread' | 'known'>;
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

/** Why an engine asked for float16 runs in float32: WebGPU has none here, or it computes wrongly. */
export type HalfRefusal = 'absent' | 'wrong';

export interface WebGpuEngine extends Engine {
  /** Why it does not run in float16 as asked; null where it does, or was not asked. */
  readonly halfRefused: HalfRefusal | null;
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
  const context = await acquireGpu(options.gpu);
  try {
    const { chosen, precision, halfRefused } = await choosePrecision(context, options);
    const chunks = tableChunks(config, options.bindingBytes, precision);
    const buffers = await uploadWeights(context, config, chunks, source, {
      onProgress: options.onProgress,
      signal: options.signal,
      storage: precision,
    });
    const executor = new Executor(context, chosen.choose, buffers, options.breakKernel);
    const pace = new Pace(context.software, options.submitFlops);
    const encoder = new Encoder({ context, executor, pace, config, special, chunks, precision });
    return Object.assign(encoder, { selfTest: chosen.results, halfRefused });
  } catch (cause) {
    context.destroy();
    throw asEngineError(cause);
  }
}

interface PrecisionChoice {
  readonly chosen: ChosenKernels;
  readonly precision: Precision;
  readonly halfRefused: HalfRefusal | null;
}

/** The kernels of the precision asked for, or, where float16 is not there or not right, of float32. */
async function choosePrecision(
  context: GpuContext,
  { package: { config }, precision = 'f32', variant, breakKernel, tuning, signal }: WebGpuEngineOptions,
): Promise<PrecisionChoice> {
  const choose = async (as: Precision) => {
    const table = tuning && (await tunedTable(context, config, as, { ...tuning, signal }, breakKernel));
    return chooseKernels(context, config, {
      precision: as,
      prefer: variant,
      broken: breakKernel,
      ...(table && { table }),
    });
  };
  let halfRefused: HalfRefusal | null = null;
  if (precision === 'f16') {
    if (!context.features.has('shader-f16')) halfRefused = 'absent';
    else
      try {
        return { chosen: await choose('f16'), precision, halfRefused };
      } catch (error) {
        if (!(error instanceof KernelSelfTestError)) throw error;
        halfRefused = 'wrong';
      }
  }
  return { chosen: await choose('f32'), precision: 'f32', halfRefused };
}
