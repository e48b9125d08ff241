import { expect } from 'vitest';
import type { Precision } from '../../../../src/engine/engine.ts';
import type { KernelCase } from '../../../../src/engine/webgpu/cases/kernel-case.ts';
import { canRun } from '../../../../src/engine/webgpu/default-variants.ts';
import type { KernelVariant } from '../../../../src/engine/webgpu/kernel.ts';
import { KERNELS } from '../../../../src/engine/webgpu/kernels/index.ts';
import { type GpuContext, MAX_WORKGROUPS_PER_DIMENSION } from '../../../../src/gpu/device.ts';
import { whole } from './short-form.ts';

/** Largest error of a right kernel; a float16 answer is off by half its last place. */
export const TOLERANCE: Readonly<Record<Precision, number>> = { f32: 2e-5, f16: 6e-4 };

/** Head sizes that a CPU adapter compiles a form of attention for in seconds; of others it takes minutes. */
const HEADS_TRIED: Readonly<Record<string, readonly number[]>> = {
  'direct-1': [1, 4, 7, 16, 32, 64],
  'direct-2': [1, 7, 32],
  'direct-4': [7, 32],
  'direct-8': [7],
  'subgroup-1': [16, 32, 64],
  'subgroup-2': [16, 32, 64],
  'subgroup-4': [16, 32],
  'subgroup-8': [16],
  tile: [7, 64],
  staged: [7],
  chunked: [1, 4, 7, 32, 131],
};
/** Those of float16 alone, which has the same text but for the type. */
const HEADS_TRIED_F16 = [7, 16, 64, 131];

/** Of float16 lavapipe compiles these for 10 to 40 s a case: in the short form the one with a residual stands for all. */
const SLOW_IN_F16 = ['subgroup-16x8', 'subgroup-8x8'];

/** The products whose text of all epilogues is tested: that of vec4s, which is one, and that of scalars; the others have two of them. */
const EVERY_EPILOGUE = ['register-4x8', 'lane-12x2'];

/** The variants that a case is tested with on this device. */
export function variantsFor(context: GpuContext, { dispatch }: KernelCase): readonly KernelVariant[] {
  const { kernel, constants, storage } = dispatch;
  const { software, hardware } = KERNELS[kernel].variants;
  const all = new Map([...software, ...hardware].map((variant) => [variant.name, variant]));
  return [...all.values()].filter((variant) => {
    if (!canRun(context, variant, dispatch)) return false;
    if (kernel === 'gemm' && (constants.ACCUMULATE || (constants.BIAS && !constants.RESIDUAL)))
      return EVERY_EPILOGUE.includes(variant.name);
    if (kernel === 'gemm' && storage === 'f16' && !whole && SLOW_IN_F16.includes(variant.name))
      return constants.RESIDUAL !== 0;
    if (kernel !== 'attention') return true;
    if (storage === 'f16' && !HEADS_TRIED_F16.includes(constants.HEAD_SIZE)) return false;
    return HEADS_TRIED[variant.name]?.includes(constants.HEAD_SIZE) ?? true;
  });
}

/** One case with one variant, under its name. */
export type KernelRun = [name: string, kernelCase: KernelCase, variant: KernelVariant];

/** Every case with each of its variants. */
export function runsOf(context: GpuContext, cases: readonly KernelCase[]): KernelRun[] {
  return cases.flatMap((kernelCase) =>
    variantsFor(context, kernelCase).map(
      (variant): KernelRun => [`${kernelCase.label.slice(0, 60)} (${variant.name})`, kernelCase, variant],
    ),
  );
}

/** No variant of the kernels these cases ask for is left out, but those for larger subgroups than this device has. */
export function expectEveryVariant(context: GpuContext, cases: readonly KernelCase[]): void {
  const ran = runsOf(context, cases).map(([, { dispatch }, { name }]) => `${dispatch.kernel} ${name}`);
  const known = cases.flatMap(({ dispatch: { kernel } }) =>
    Object.values(KERNELS[kernel].variants).flatMap((variants) =>
      variants
        .filter(({ leastSubgroup = 0 }) => leastSubgroup <= context.leastSubgroup)
        .map(({ name }) => `${kernel} ${name}`),
    ),
  );
  expect(new Set(ran)).toEqual(new Set(known));
}

/** Those with more workgroups than one dimension of a dispatch may have. */
export function inTwoDimensions(runs: readonly KernelRun[]): KernelRun[] {
  return runs.filter(([, { dispatch }, variant]) => {
    const constants = variant.constants(dispatch.constants, dispatch.uniforms);
    return variant.workgroups(dispatch.uniforms, constants) > MAX_WORKGROUPS_PER_DIMENSION;
  });
}
