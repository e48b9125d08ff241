import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SoftwareAdapter } from '../../../../src/cli/vulkan-drivers.ts';
import { attentionBackward } from '../../../../src/engine/reference/training/attention.ts';
import {
  attentionBackwardCase,
  attentionDotsCase,
} from '../../../../src/engine/webgpu/cases/attention-backward.ts';
import {
  dispatchOf,
  type KernelCase,
  randomFloats,
} from '../../../../src/engine/webgpu/cases/kernel-case.ts';
import { canRun, orderedVariants } from '../../../../src/engine/webgpu/default-variants.ts';
import type { Dispatch } from '../../../../src/engine/webgpu/dispatch.ts';
import { type ChooseVariant, Executor } from '../../../../src/engine/webgpu/executor.ts';
import type { Constants, KernelName, KernelVariant } from '../../../../src/engine/webgpu/kernel.ts';
import { attentionConstants } from '../../../../src/engine/webgpu/kernels/attention/attention.ts';
import { QUERIES_PER_BLOCK } from '../../../../src/engine/webgpu/kernels/attention/forms.ts';
import { attentionBackwardConstants } from '../../../../src/engine/webgpu/kernels/attention-backward/attention-backward.ts';
import { KERNELS } from '../../../../src/engine/webgpu/kernels/index.ts';
import { kernelError } from '../../../../src/engine/webgpu/self-test.ts';
import { padRows, padTo4, unpadRows } from '../../../../src/gpu/buffers.ts';
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

/** More workgroups than one dimension of a dispatch may have. */
const MANY = SIDES.map((side) =>
  attentionBackwardCase(
    side,
    { heads: 1, headSize: 4, cells: cellsOf(...Array<number>(65_543).fill(1)) },
    seed,
  ),
);

/** Head sizes that a CPU adapter compiles a form for in seconds; of others it takes minutes. */
const HEADS_TRIED: Readonly<Record<string, readonly number[]>> = {
  'direct-1': [1, 4, 7, 16, 32, 64],
  'direct-2': [1, 7],
  'subgroup-1': [16, 32, 64],
  'subgroup-2': [16, 32],
  'subgroup-4': [16],
  tile: [7, 64],
  chunked: [1, 4, 7, 131],
};

/** lavapipe compiles the tiles of heads of 64 for a minute; SwiftShader runs them. */
const LAVAPIPE_TILE_HEADS = [7];

const headsTried = ({ fingerprint }: GpuContext, { name }: KernelVariant) =>
  name === 'tile' && /llvmpipe/i.test(fingerprint) ? LAVAPIPE_TILE_HEADS : HEADS_TRIED[name];

function variantsFor(context: GpuContext, { dispatch }: KernelCase): readonly KernelVariant[] {
  const { software, hardware } = KERNELS[dispatch.kernel].variants;
  const all = new Map([...software, ...hardware].map((variant) => [variant.name, variant]));
  return [...all.values()].filter(
    (variant) =>
      canRun(context, variant, dispatch) &&
      (headsTried(context, variant)?.includes(dispatch.constants.HEAD_SIZE) ?? true),
  );
}

interface Cell {
  /** Rows, each query and key. */
  readonly length: number;
  readonly seed: number;
}

/**
 * Forward and backward pass of packed cells, as a trainer runs them: four kernels one after the other, blocks
 * cut at `cuts` into several dispatches. Returns [rows, 3 · heads · headSize] for each cell.
 */
async function backwardOf(
  context: GpuContext,
  cells: readonly Cell[],
  { heads, headSize, cuts }: { heads: number; headSize: number; cuts: readonly number[] },
  choose: ChooseVariant,
): Promise<Float32Array[]> {
  const width = heads * headSize;
  const rows = cells.reduce((sum, { length }) => sum + length, 0);
  const [stride, yStride] = [padTo4(3 * width), padTo4(width)];
  const qkv = new Float32Array(rows * 3 * width);
  const cotangent = new Float32Array(rows * width);
  const blocks: number[] = [];
  let first = 0;
  for (const { length, seed: own } of cells) {
    qkv.set(randomFloats(own, length * 3 * width), first * 3 * width);
    cotangent.set(randomFloats(own + 1, length * width), first * width);
    for (let row = 0; row < length; row += QUERIES_PER_BLOCK)
      blocks.push(first + row, Math.min(QUERIES_PER_BLOCK, length - row), first, length);
    first += length;
  }
  const count = blocks.length / 4;
  const ends = [...new Set(cuts.filter((cut) => cut > 0 && cut < count)), count].sort((a, b) => a - b);
  const pieces = (kernel: KernelName, constants: Constants): Dispatch[] =>
    ends.map((end, i) =>
      dispatchOf(
        {
          kernel,
          constants,
          storage: 'f32',
          uniforms: {
            block_start: i === 0 ? 0 : ends[i - 1],
            block_end: end,
            heads,
            qkv_stride4: stride / 4,
            y_stride4: yStride / 4,
            scale: 1 / Math.sqrt(headSize),
          },
        },
        ['qkv', 'cotangent', 'lse', 'dots', 'blocks', 'y', 'dqkv'],
      ),
    );
  const executor = new Executor(context, choose, new Map());
  try {
    await executor.write('qkv', padRows(qkv, rows, 3 * width));
    await executor.write('cotangent', padRows(cotangent, rows, width));
    await executor.write('blocks', Uint32Array.from(blocks));
    await executor.write('y', new Float32Array(rows * yStride).fill(7));
    await executor.write('lse', new Float32Array(rows * heads));
    await executor.write('dots', new Float32Array(rows * heads));
    await executor.write('dqkv', new Float32Array(rows * stride).fill(7));
    await executor.run([
      ...pieces('attention', attentionConstants(headSize, true)),
      dispatchOf(
        {
          kernel: 'attention-dots',
          constants: attentionBackwardConstants(headSize),
          storage: 'f32',
          uniforms: { rows, heads, y_stride4: yStride / 4 },
        },
        ['y', 'cotangent', 'dots'],
      ),
      ...pieces('attention-backward-queries', attentionBackwardConstants(headSize)),
      ...pieces('attention-backward-keys', attentionBackwardConstants(headSize)),
    ]);
    const [padded, y] = await executor.read([
      { name: 'dqkv', bytes: 4 * rows * stride },
      { name: 'y', bytes: 4 * rows * yStride },
    ]);
    // What was 7 in the padding is zero.
    expect(padded).toEqual(padRows(unpadRows(padded, rows, 3 * width), rows, 3 * width));
    expect(y).toEqual(padRows(unpadRows(y, rows, width), rows, width));
    let row = 0;
    return cells.map(({ length }) => {
      row += length;
      return unpadRows(padded.subarray((row - length) * stride, row * stride), length, 3 * width, stride);
    });
  } finally {
    executor.destroy();
  }
}

/** Largest error of one cell's answer against float64, over max(1, |expected|); NaN where the answer is. */
function cellError(
  actual: Float32Array,
  { length, seed: own }: Cell,
  heads: number,
  headSize: number,
): number {
  const width = heads * headSize;
  const qkv = Float64Array.from(randomFloats(own, length * 3 * width));
  const cotangent = Float64Array.from(randomFloats(own + 1, length * width));
  const expected = attentionBackward(qkv, cotangent, length, length, heads, headSize);
  return expected.reduce(
    (most, value, i) => Math.max(most, Math.abs(actual[i] - value) / Math.max(1, Math.abs(value))),
    0,
  );
}

const cells = fc.array(fc.record({ length: fc.integer({ min: 1, max: 150 }), seed: fc.nat() }), {
  minLength: 1,
  maxLength: 4,
});
const cuts = fc.array(fc.integer({ min: 1, max: 8 }), { maxLength: 3 });

/** The kernels that this suite tests. */
const ATTENTION_BACKWARD = [
  'attention-dots',
  'attention-backward-queries',
  'attention-backward-keys',
] as const;

/** Of each kernel the form that the device starts with. */
function firstOf(context: GpuContext): ChooseVariant {
  return (dispatch) => orderedVariants(context, KERNELS[dispatch.kernel], [dispatch])[0];
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

    it.each(MANY)('in two dimensions of workgroups: $dispatch.kernel', async (kernelCase) => {
      const chunked = variantsFor(context, kernelCase).filter(({ name }) => name === 'chunked');
      expect(chunked).toHaveLength(1);
      expect(await kernelError(context, chunked[0], kernelCase)).toBeLessThanOrEqual(TOLERANCE);
    });

    it('covers every form', () => {
      const ran = new Set(runs.map(([, { dispatch }, { name }]) => `${dispatch.kernel} ${name}`));
      const known = ATTENTION_BACKWARD.flatMap((kernel) =>
        Object.values(KERNELS[kernel].variants).flatMap((variants) =>
          variants.map(({ name }) => `${kernel} ${name}`),
        ),
      );
      expect(ran).toEqual(new Set(known));
    });

    it.each([
      [3, 7],
      [2, 16],
    ])('with the forward pass before it, blocks cut anywhere, %i heads of %i', async (heads, headSize) => {
      const choose = firstOf(context);
      await fc.assert(
        fc.asyncProperty(cells, cuts, async (packed, cut) => {
          const shape = { heads, headSize, cuts: cut };
          const together = await backwardOf(context, packed, shape, choose);
          for (const [i, cell] of packed.entries()) {
            expect(cellError(together[i], cell, heads, headSize)).toBeLessThanOrEqual(TOLERANCE);
            // A cell alone, uncut, gives the same bits: neither its neighbours nor the cuts matter.
            const [alone] = await backwardOf(context, [cell], { ...shape, cuts: [] }, choose);
            expect(alone).toEqual(together[i]);
          }
        }),
        { numRuns: 8, seed },
      );
    });
  });
}
