import { describe, expect, it } from 'vitest';
import type { SoftwareAdapter } from '../../../../src/cli/vulkan-drivers.ts';
import type { KernelVariant } from '../../../../src/engine/webgpu/kernel.ts';
import {
  attentionCase,
  embeddingCase,
  gemmCase,
  type KernelCase,
  layerNormCase,
  meanRowsCase,
} from '../../../../src/engine/webgpu/kernel-cases.ts';
import { KERNELS } from '../../../../src/engine/webgpu/kernels/index.ts';
import { kernelError } from '../../../../src/engine/webgpu/self-test.ts';
import {
  gemmTransposedCase,
  softmaxResidualCase,
} from '../../../../src/engine/webgpu/softmax-kernel-cases.ts';
import { MAX_WORKGROUPS_PER_DIMENSION } from '../../../../src/gpu/device.ts';
import { deviceOn } from './adapter.ts';

const seed = 20261124;

const CASES: readonly KernelCase[] = [
  ...(
    [
      [1, 1, 1],
      [1, 128, 512],
      [63, 64, 65],
      [65, 63, 64],
      [7, 5, 3],
      [130, 37, 257],
    ] as const
  ).map(([rows, inner, columns]) => gemmCase({ rows, inner, columns, epilogue: 'none' }, seed)),
  gemmCase({ rows: 33, inner: 18, columns: 30, epilogue: 'gelu' }, seed),
  gemmCase({ rows: 33, inner: 18, columns: 30, epilogue: 'relu' }, seed),
  gemmCase({ rows: 33, inner: 18, columns: 30, epilogue: 'residual' }, seed),
  gemmCase({ rows: 140, inner: 20, columns: 12, epilogue: 'none', rowStart: 128 }, seed),
  layerNormCase(1, 1, seed),
  layerNormCase(65, 3, seed),
  layerNormCase(2, 513, seed),
  attentionCase({ heads: 1, headSize: 1, cells: [{ queries: 3, keys: 3 }] }, seed),
  attentionCase(
    {
      heads: 3,
      headSize: 7,
      cells: [
        { queries: 1, keys: 1 },
        { queries: 66, keys: 65 },
        { queries: 5, keys: 2 },
      ],
    },
    seed,
  ),
  attentionCase(
    {
      heads: 2,
      headSize: 32,
      cells: [
        { queries: 64, keys: 64 },
        { queries: 17, keys: 17 },
      ],
    },
    seed,
  ),
  attentionCase({ heads: 2, headSize: 64, cells: [{ queries: 9, keys: 6 }] }, seed),
  attentionCase(
    {
      heads: 2,
      headSize: 131,
      cells: [
        { queries: 67, keys: 5 },
        { queries: 18, keys: 18 },
      ],
    },
    seed,
  ),
  embeddingCase({ dModel: 64, rows: 40, valueInput: 'none' }, seed),
  embeddingCase({ dModel: 3, rows: 41, valueInput: 'binned' }, seed),
  embeddingCase({ dModel: 65, rows: 17, valueInput: 'rank' }, seed),
  meanRowsCase([[0, 1]], 1, seed),
  meanRowsCase(
    [
      [0, 100],
      [99, 1],
      [4, 0],
      [17, 3],
    ],
    37,
    seed,
  ),
  softmaxResidualCase(1, 2, seed),
  softmaxResidualCase(65, 3, seed),
  softmaxResidualCase(130, 21, seed),
  gemmTransposedCase({ rows: 1, inner: 1, columns: 1, sliceRows: 1 }, seed),
  gemmTransposedCase({ rows: 130, inner: 37, columns: 11, sliceRows: 64 }, seed),
  gemmTransposedCase({ rows: 7, inner: 261, columns: 3, sliceRows: 100 }, seed),
];

/** More workgroups than one dimension of a dispatch may have. */
const MANY: readonly KernelCase[] = [
  gemmCase({ rows: 262_205, inner: 3, columns: 2, epilogue: 'none' }, seed),
  layerNormCase(65_541, 13, seed),
  gemmTransposedCase({ rows: 65_543, inner: 2, columns: 3, sliceRows: 1 }, seed),
  attentionCase(
    { heads: 1, headSize: 4, cells: Array.from({ length: 65_543 }, () => ({ queries: 1, keys: 1 })) },
    seed,
  ),
];

/** Compiling the staged form for large heads takes a CPU adapter too long; it is a GPU's form. */
function variantsFor({ dispatch }: KernelCase): readonly KernelVariant[] {
  const variants = KERNELS[dispatch.kernel].variants.software.filter(
    ({ serves }) => serves?.(dispatch.constants) ?? true,
  );
  return (dispatch.constants.HEAD_SIZE ?? 0) > 32
    ? variants.filter(({ name }) => name !== 'staged')
    : variants;
}

/** Every variant of every kernel against float64, on one adapter. */
export async function describeKernels(adapter: SoftwareAdapter): Promise<void> {
  const context = await deviceOn(adapter);
  const runsOf = (cases: readonly KernelCase[]) =>
    cases.flatMap((kernelCase) =>
      variantsFor(kernelCase).map((variant): [string, KernelCase, KernelVariant] => [
        `${kernelCase.label.slice(0, 60)} (${variant.name})`,
        kernelCase,
        variant,
      ]),
    );
  describe(`kernels on ${context.name}`, () => {
    it('covers every kernel', () => {
      expect(new Set(CASES.map(({ dispatch }) => dispatch.kernel)).size).toBe(Object.keys(KERNELS).length);
    });
    it.each(runsOf(CASES))('%s', async (_, kernelCase, variant) => {
      expect(await kernelError(context, variant, kernelCase)).toBeLessThanOrEqual(2e-5);
    });
    const many = runsOf(MANY).filter(([, { dispatch }, variant]) => {
      const constants = variant.constants(dispatch.constants, dispatch.uniforms);
      return variant.workgroups(dispatch.uniforms, constants) > MAX_WORKGROUPS_PER_DIMENSION;
    });
    it('has cases beyond one dimension of workgroups', () => expect(many).toHaveLength(6));
    it.each(many)('in two dimensions of workgroups: %s', async (_, kernelCase, variant) => {
      expect(await kernelError(context, variant, kernelCase)).toBeLessThanOrEqual(2e-5);
    });
  });
}
