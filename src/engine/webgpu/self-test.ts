import type { GpuContext } from '../../gpu/device.ts';
import { GpuLostError } from '../../gpu/errors.ts';
import type { ModelConfig } from '../../model/config.ts';
import { type BrokenKernel, Executor, type KernelChoice } from './executor.ts';
import type { Kernel, KernelName, KernelVariant } from './kernel.ts';
import {
  attentionCase,
  embeddingCase,
  gemmCase,
  type KernelCase,
  layerNormCase,
  meanRowsCase,
} from './kernel-cases.ts';
import { KERNELS } from './kernels/index.ts';

/** What one variant of one kernel made of its awkward shapes on this adapter. */
export interface SelfTestResult {
  readonly kernel: KernelName;
  readonly variant: string;
  /** max |Δ| / max(1, |expected|) over all shapes; Infinity where it did not compile or gave NaN. */
  readonly maxError: number;
  readonly ok: boolean;
  /** The compiler's or the device's message, where there was one. */
  readonly message?: string;
}

/** No variant of a kernel computes the right thing here: the adapter is not used. */
export class KernelSelfTestError extends Error {
  override readonly name = 'KernelSelfTestError';
  constructor(
    readonly kernel: KernelName,
    readonly results: readonly SelfTestResult[],
  ) {
    super(`the ${kernel} kernel gives wrong numbers on this adapter`);
  }
}

/** Cases by the kernels that are to run. */
type KernelCases = Readonly<Partial<Record<KernelName, readonly KernelCase[]>>>;

/** A right kernel in float32 stays an order of magnitude below this; a wrong one far above. */
const TOLERANCE = 1e-4;

/** Small shapes that no tile divides, with the head size and activation of the model. */
function selfTestCases(config: ModelConfig, seed: number): KernelCases {
  const headSize = config.dModel / config.nHeads;
  return {
    embedding: [embeddingCase({ dModel: 10, rows: 13, valueInput: config.valueInput }, seed)],
    gemm: [
      gemmCase({ rows: 67, inner: 35, columns: 70, epilogue: 'none', rowStart: 5 }, seed),
      gemmCase({ rows: 9, inner: 130, columns: 131, epilogue: config.layerActivation }, seed),
      gemmCase({ rows: 5, inner: 17, columns: 33, epilogue: 'residual' }, seed),
    ],
    'layer-norm': [layerNormCase(67, 70, seed), layerNormCase(3, 261, seed)],
    attention: [
      attentionCase(
        {
          heads: 2,
          headSize,
          cells: [
            { queries: 19, keys: 19 },
            { queries: 70, keys: 21 },
            { queries: 1, keys: 1 },
          ],
        },
        seed,
      ),
    ],
    'mean-rows': [
      meanRowsCase(
        [
          [0, 7],
          [7, 1],
          [3, 0],
          [2, 9],
        ],
        70,
        seed,
      ),
    ],
  };
}

interface ChooseOptions {
  readonly prefer?: string | undefined;
  readonly broken?: BrokenKernel | undefined;
}

interface ChosenKernels {
  /** Of the kernels tested, and no others. */
  readonly choice: KernelChoice;
  readonly results: readonly SelfTestResult[];
}

/** `chooseFrom` for the kernels of the encoder. A fresh seed keeps an old pipeline or a cached answer from passing. */
export function chooseKernels(
  context: GpuContext,
  config: ModelConfig,
  options: ChooseOptions = {},
): Promise<ChosenKernels> {
  return chooseFrom(context, selfTestCases(config, Math.floor(Math.random() * 2 ** 32)), options);
}

/**
 * Runs the variants of each kernel on this device against float64, best first, until one is right:
 * that one is chosen, and nothing runs later that was not tested. Drivers do compute wrongly in
 * silence. What was right once on an adapter is not run again in this process.
 * @throws KernelSelfTestError where no variant of a kernel is right
 */
export async function chooseFrom(
  context: GpuContext,
  cases: KernelCases,
  options: ChooseOptions = {},
): Promise<ChosenKernels> {
  const results: SelfTestResult[] = [];
  const choice: Partial<Record<KernelName, KernelVariant>> = {};
  for (const kernel of Object.values(KERNELS)) {
    const own = cases[kernel.name];
    if (own === undefined) continue;
    const served = ordered(kernel, context.software, options.prefer).filter((variant) =>
      own.every(({ dispatch }) => variant.serves?.(dispatch.constants) ?? true),
    );
    for (const variant of served) {
      const result = await testVariant(context, kernel, variant, own, options.broken);
      results.push(result);
      if (!result.ok) continue;
      choice[kernel.name] = variant;
      break;
    }
    if (choice[kernel.name] === undefined) throw new KernelSelfTestError(kernel.name, results);
  }
  return { choice: choice as KernelChoice, results };
}

function ordered(kernel: Kernel, software: boolean, prefer: string | undefined): KernelVariant[] {
  const variants = software ? kernel.variants.software : kernel.variants.hardware;
  return [...variants].sort((a, b) => Number(b.name === prefer) - Number(a.name === prefer));
}

/** Passed tests of this process, by adapter, variant and shapes. */
const passed = new Map<string, SelfTestResult>();

async function testVariant(
  context: GpuContext,
  kernel: Kernel,
  variant: KernelVariant,
  cases: readonly KernelCase[],
  broken: BrokenKernel | undefined,
): Promise<SelfTestResult> {
  let maxError = 0;
  const shapes = cases.map(({ label }) => label);
  const key = [context.fingerprint, context.software, kernel.name, variant.name, ...shapes].join('\n');
  const known = broken === undefined ? passed.get(key) : undefined;
  if (known !== undefined) return known;
  try {
    for (const kernelCase of cases)
      maxError = Math.max(maxError, await kernelError(context, variant, kernelCase, broken));
  } catch (cause) {
    if (cause instanceof GpuLostError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    return { kernel: kernel.name, variant: variant.name, maxError: Infinity, ok: false, message };
  }
  const result = { kernel: kernel.name, variant: variant.name, maxError, ok: maxError <= TOLERANCE };
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
  const { dispatch, inputs, outputFloats, extract, expected } = kernelCase;
  const choice = { [dispatch.kernel]: variant } as KernelChoice;
  const executor = new Executor(context, choice, new Map(), broken);
  try {
    for (const [name, values] of Object.entries(inputs)) await executor.write(name, values);
    const output = KERNELS[dispatch.kernel].writes;
    await executor.write(output, new Float32Array(outputFloats));
    await executor.run([dispatch]);
    const [answer] = await executor.read([{ name: output, bytes: 4 * outputFloats }]);
    const actual = extract(answer);
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
