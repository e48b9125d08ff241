import { describe, expect, it } from 'vitest';
import type { SoftwareAdapter } from '../../../../src/cli/vulkan-drivers.ts';
import {
  attentionBackwardCase,
  attentionDotsCase,
} from '../../../../src/engine/webgpu/cases/attention-backward.ts';
import type { KernelCase } from '../../../../src/engine/webgpu/cases/kernel-case.ts';
import { canRun } from '../../../../src/engine/webgpu/default-variants.ts';
import type { KernelVariant } from '../../../../src/engine/webgpu/kernel.ts';
import { KERNELS } from '../../../../src/engine/webgpu/kernels/index.ts';
import { kernelError } from '../../../../src/engine/webgpu/self-test.ts';
import type { GpuContext } from '../../../../src/gpu/device.ts';
import { deviceOn } from './adapter.ts';

const seed = 20261125;
const TOLERANCE = 2e-5;
const SIDES = ['queries', 'keys'] as const;

const cellsOf = (...lengths: number[]) => lengths.map((length) => ({ queries: length, keys: length }));

/** One-token cells, cells beside the size of a block, and cells of very different lengths. */
const RAGGED = cellsOf(1, 66, 33, 3, 1, 129);
/** Rows that ask and are not asked: all_positions has them. */
const PADDED = [
  { queries: 66, keys: 5 },
  { queries: 2, keys: 1 },
  { queries: 70, keys: 65 },
];

const CASES: readonly KernelCase[] = [
  ...[
    { heads: 1, headSize: 1, cells: cellsOf(1) },
    { heads: 3, headSize: 1, cells: cellsOf(3, 1) },
    { heads: 3, headSize: 7, cells: RAGGED },
    { heads: 2, headSize: 131, cells: cellsOf(67, 1) },
    { heads: 2, headSize: 16, cells: RAGGED },
    { heads: 2, headSize: 32, cells: RAGGED },
    { heads: 2, headSize: 64, cells: cellsOf(66, 2) },
    { heads: 1, headSize: 4, cells: PADDED },
    { heads: 1, headSize: 7, cells: PADDED },
    { heads: 3, headSize: 16, cells: PADDED },
  ].flatMap((shape) => [
    attentionDotsCase(shape, seed),
    ...SIDES.map((side) => attentionBackwardCase(side, shape, seed)),
  ]),
];

/** Head sizes that a CPU adapter compiles a form for in seconds; of others it takes minutes. */
const HEADS_TRIED: Readonly<Record<string, readonly number[]>> = {
  'direct-1': [1, 4, 7, 16, 32, 64],
  'direct-2': [1, 7, 32],
  'subgroup-1': [16, 32, 64],
  'subgroup-2': [16, 32],
  'subgroup-4': [16],
  'subgroup-8': [16],
  tile: [1, 4, 7, 16, 64],
  chunked: [1, 4, 7, 32, 131],
};

function variantsFor(context: GpuContext, { dispatch }: KernelCase): readonly KernelVariant[] {
  const { software, hardware } = KERNELS[dispatch.kernel].variants;
  const all = new Map([...software, ...hardware].map((variant) => [variant.name, variant]));
  return [...all.values()].filter(
    (variant) =>
      canRun(context, variant, dispatch) &&
      (HEADS_TRIED[variant.name]?.includes(dispatch.constants.HEAD_SIZE) ?? true),
  );
}

/** Every variant of the kernels of attention's backward pass against float64, on one adapter. */
export async function describeAttentionBackward(adapter: SoftwareAdapter): Promise<void> {
  const context = await deviceOn(adapter);
  const runs = CASES.flatMap((kernelCase) =>
    variantsFor(context, kernelCase).map((variant): [string, KernelCase, KernelVariant] => [
      `${kernelCase.label.slice(0, 60)} (${variant.name})`,
      kernelCase,
      variant,
    ]),
  );
  describe(`attention backward on ${context.name}`, () => {
    it.each(runs)('%s', async (_, kernelCase, variant) => {
      expect(await kernelError(context, variant, kernelCase)).toBeLessThanOrEqual(TOLERANCE);
    });
  });
}
