import type { GpuContext } from '../../gpu/device.ts';
import { GpuLostError } from '../../gpu/errors.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Precision } from '../engine.ts';
import type { BrokenKernel } from './broken-kernel.ts';
import { attentionCase } from './cases/attention.ts';
import { gemmCase } from './cases/gemm.ts';
import type { KernelCase } from './cases/kernel-case.ts';
import { embeddingCase, layerNormCase, meanRowsCase } from './cases/rows.ts';
import { Executor } from './executor.ts';
import type { KernelName, KernelVariant } from './kernel.ts';

/** What one variant of one kernel made of its awkward shapes on this adapter. */
export interface SelfTestResult {
  readonly kernel: KernelName;
  readonly variant: string;
  readonly storage: Precision;
  /** max |Δ| / max(1, |expected|) over the shapes up to the first wrong one; Infinity where it did not compile or gave NaN. */
  readonly maxError: number;
  readonly ok: boolean;
  /** The compiler's or the device's message, where there was one. */
  readonly message?: string;
}

/** Kernel → its variants that were right, each once. */
export function variantsOf(results: readonly SelfTestResult[]): Readonly<Record<string, readonly string[]>> {
  const right: Record<string, string[]> = {};
  for (const { kernel, variant, ok } of results) {
    if (!ok) continue;
    right[kernel] ??= [];
    if (!right[kernel].includes(variant)) right[kernel].push(variant);
  }
  return right;
}

/** No variant of a kernel computes the right thing here: the adapter is not used. */
export class KernelSelfTestError extends Error {
  override readonly name = 'KernelSelfTestError';
  constructor(
    readonly kernel: KernelName,
    readonly storage: Precision,
    readonly results: readonly SelfTestResult[],
  ) {
    super(`the ${kernel} kernel gives wrong numbers on this adapter`);
  }
}

/**
 * A right kernel stays an order of magnitude below this in float32 and, where half the last place of a
 * float16 is 5e-4, a half in float16; a wrong one is far above.
 */
const TOLERANCE: Readonly<Record<Precision, number>> = { f32: 1e-4, f16: 1e-3 };

/**
 * For each family of dispatches of a model's forward pass, small shapes that no tile divides, with the
 * head size and activation of the model. The annotation heads are float32 at any precision.
 */
export function encoderCases(config: ModelConfig, precision: Precision, seed: number): KernelCase[][] {
  const headSize = config.dModel / config.nHeads;
  const { valueInput, layerActivation } = config;
  const products = (storage: Precision) => [
    gemmCase({ rows: 67, inner: 35, columns: 70, epilogue: 'bias', rowStart: 5 }, seed, storage),
    gemmCase({ rows: 9, inner: 130, columns: 131, epilogue: layerActivation }, seed, storage),
    gemmCase({ rows: 5, inner: 17, columns: 33, epilogue: 'residual' }, seed, storage),
  ];
  const cells = [
    { queries: 19, keys: 19 },
    { queries: 70, keys: 21 },
    { queries: 1, keys: 1 },
    { queries: 40, keys: 37 },
  ];
  const ranges = [[0, 7] as const, [7, 1] as const, [3, 0] as const, [2, 9] as const];
  return [
    [embeddingCase({ dModel: 10, rows: 13, valueInput }, seed, precision)],
    products(precision),
    [layerNormCase(67, 70, seed, precision), layerNormCase(3, 261, seed, precision)],
    [attentionCase({ heads: 2, headSize, cells }, seed, precision)],
    [meanRowsCase(ranges, 70, seed, precision)],
    ...(precision === 'f32' ? [] : [products('f32')]),
  ];
}

/** Passed tests of this process, by adapter, variant and shapes. */
const passed = new Map<string, SelfTestResult>();

/**
 * Runs one variant on this device against float64. Drivers do compute wrongly in silence. What was
 * right once on an adapter is not run again in this process.
 * @throws GpuLostError
 */
export async function testVariant(
  context: GpuContext,
  variant: KernelVariant,
  cases: readonly KernelCase[],
  broken?: BrokenKernel,
): Promise<SelfTestResult> {
  const { kernel, storage } = cases[0].dispatch;
  const about = { kernel, variant: variant.name, storage };
  const shapes = cases.map(({ label }) => label);
  const key = [context.fingerprint, context.software, kernel, variant.name, ...shapes].join('\n');
  const known = broken === undefined ? passed.get(key) : undefined;
  if (known !== undefined) return known;
  let maxError = 0;
  try {
    for (const kernelCase of cases) {
      maxError = Math.max(maxError, await kernelError(context, variant, kernelCase, broken));
      // What is wrong once need not be compiled for the other shapes.
      if (maxError > TOLERANCE[storage]) break;
    }
  } catch (cause) {
    if (cause instanceof GpuLostError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    return { ...about, maxError: Infinity, ok: false, message };
  }
  const result = { ...about, maxError, ok: maxError <= TOLERANCE[storage] };
  if (result.ok && broken === undefined) passed.set(key, result);
  return result;
}

/** Runs one case with one variant; the error of its answer. */
export async function kernelError(
  context: GpuContext,
  variant: KernelVariant,
  kernelCase: KernelCase,
  broken?: BrokenKernel,
): Promise<number> {
  const { dispatch, inputs, outputs, start, answer, extract, expected } = kernelCase;
  const executor = new Executor(context, () => variant, new Map(), broken);
  try {
    for (const [name, values] of Object.entries(inputs)) await executor.write(name, values);
    for (const [name, bytes] of Object.entries(outputs))
      await executor.write(name, start?.[name] ?? new Uint8Array(bytes));
    await executor.run([dispatch]);
    const { parts } = await executor.fetch([{ name: answer, bytes: outputs[answer] }]);
    const actual = extract((await parts)[0]);
    if (actual.length !== expected.length) return Infinity;
    let worst = 0;
    for (let i = 0; i < actual.length; i++) {
      const error = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
      if (!(error <= Number.MAX_VALUE)) return Infinity;
      worst = Math.max(worst, error);
    }
    return worst;
  } finally {
    executor.destroy();
  }
}
