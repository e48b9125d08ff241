import type { GpuContext } from '../../gpu/device.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { Precision } from '../engine.ts';
import type { BrokenKernel } from './broken-kernel.ts';
import type { KernelCase } from './cases/kernel-case.ts';
import { orderedVariants } from './default-variants.ts';
import type { ChooseVariant } from './executor.ts';
import type { KernelVariant } from './kernel.ts';
import { KERNELS } from './kernels/index.ts';
import { encoderCases, KernelSelfTestError, type SelfTestResult, testVariant } from './self-test.ts';
import { familyOf, type TuningTable, variantChooser } from './variants.ts';

export interface ChooseOptions {
  /** Variant to prefer where a kernel has it. */
  readonly prefer?: string | undefined;
  /** Variants that were fastest on this adapter, by shape class. */
  readonly table?: TuningTable;
  readonly broken?: BrokenKernel | undefined;
}

export interface ChosenKernels {
  /** Of the kernels tested, and no others. */
  readonly choose: ChooseVariant;
  readonly results: readonly SelfTestResult[];
}

/** `chooseFrom` for the kernels of the encoder. A fresh seed keeps an old pipeline or a cached answer from passing. */
export function chooseKernels(
  context: GpuContext,
  config: ModelConfig,
  { precision = 'f32', ...options }: ChooseOptions & { readonly precision?: Precision } = {},
): Promise<ChosenKernels> {
  return chooseFrom(context, encoderCases(config, precision, freshSeed()), options);
}

/** A seed for a self-test. */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

/**
 * Runs variants of each family's kernel on this device against float64: those the table names, and best
 * first until one is right. Nothing runs later that was not tested.
 * @param families cases of one family each
 * @throws KernelSelfTestError where no variant of a kernel is right
 */
export async function chooseFrom(
  context: GpuContext,
  families: readonly (readonly KernelCase[])[],
  { prefer, table = {}, broken }: ChooseOptions = {},
): Promise<ChosenKernels> {
  const results: SelfTestResult[] = [];
  const right = new Map<string, readonly KernelVariant[]>();
  for (const cases of families) {
    const dispatches = cases.map(({ dispatch }) => dispatch);
    const [{ kernel, storage }] = dispatches;
    const family = familyOf(dispatches[0]);
    const named = new Set(
      Object.keys(table)
        .filter((shape) => shape.startsWith(`${family} `))
        .map((shape) => table[shape]),
    );
    const passing: KernelVariant[] = [];
    for (const variant of orderedVariants(context, KERNELS[kernel], dispatches, prefer)) {
      if (passing.length > 0 && !named.has(variant.name)) continue;
      const result = await testVariant(context, variant, cases, broken);
      results.push(result);
      if (result.ok) passing.push(variant);
    }
    if (passing.length === 0) throw new KernelSelfTestError(kernel, storage, results);
    right.set(family, passing);
  }
  return { choose: variantChooser(right, table), results };
}
