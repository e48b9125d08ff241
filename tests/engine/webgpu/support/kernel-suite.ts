import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SoftwareAdapter } from '../../../../src/cli/vulkan-drivers.ts';
import type { Precision } from '../../../../src/engine/engine.ts';
import { attentionCase } from '../../../../src/engine/webgpu/cases/attention.ts';
import { gemmCase } from '../../../../src/engine/webgpu/cases/gemm.ts';
import type { KernelCase } from '../../../../src/engine/webgpu/cases/kernel-case.ts';
import { embeddingCase, layerNormCase, meanRowsCase } from '../../../../src/engine/webgpu/cases/rows.ts';
import { gemmTransposedCase, softmaxResidualCase } from '../../../../src/engine/webgpu/cases/softmax.ts';
import { kernelError } from '../../../../src/engine/webgpu/self-test.ts';
import { deviceOn } from './adapter.ts';
import { expectEveryVariant, inTwoDimensions, runsOf, TOLERANCE, variantsFor } from './kernel-runs.ts';
import { whole } from './short-form.ts';

const seed = 20261124;

/** Of attention; a software adapter compiles a form of it for a head size in up to 20 s. */
const HEADS = whole ? [7, 32, 64] : [7, 64];
const HEADS_OF_SUMS = whole ? [7, 16] : [16];

const FORMS = ['nn', 'nt', 'tn'] as const;
const EPILOGUES = ['none', 'bias', 'gelu', 'relu', 'residual'] as const;

/** Sizes of one, odd, beside those of tiles, and a long inner dimension. */
const PRODUCTS = [
  [1, 1, 1],
  [63, 64, 65],
  [7, 5, 3],
  [129, 37, 257],
  [5, 4099, 6],
] as const;

const RAGGED = [
  { queries: 1, keys: 1 },
  { queries: 66, keys: 65 },
  { queries: 33, keys: 33 },
  { queries: 5, keys: 2 },
];

/** What matrices of either precision are multiplied and attended with. */
const casesOf = (storage: Precision): readonly KernelCase[] => [
  ...FORMS.flatMap((form) =>
    PRODUCTS.map(([rows, inner, columns]) =>
      gemmCase({ rows, inner, columns, epilogue: 'none', form }, seed, storage),
    ),
  ),
  ...FORMS.map((form) =>
    gemmCase({ rows: 140, inner: 20, columns: 12, epilogue: 'none', form, rowStart: 128 }, seed, storage),
  ),
  gemmCase({ rows: 1, inner: 128, columns: 512, epilogue: 'none' }, seed, storage),
  gemmCase({ rows: 65, inner: 63, columns: 64, epilogue: 'none' }, seed, storage),
  ...EPILOGUES.map((epilogue) => gemmCase({ rows: 33, inner: 18, columns: 30, epilogue }, seed, storage)),
  layerNormCase(1, 1, seed, storage),
  layerNormCase(65, 3, seed, storage),
  layerNormCase(2, 513, seed, storage),
  attentionCase({ heads: 1, headSize: 1, cells: [{ queries: 3, keys: 3 }] }, seed, storage),
  ...HEADS.map((headSize) => attentionCase({ heads: 2, headSize, cells: RAGGED }, seed, storage)),
  ...HEADS_OF_SUMS.map((headSize) =>
    attentionCase({ heads: 3, headSize, cells: RAGGED, sums: true }, seed, storage),
  ),
  attentionCase({ heads: 2, headSize: 131, cells: [{ queries: 67, keys: 5 }] }, seed, storage),
  embeddingCase({ dModel: 64, rows: 40, valueInput: 'none' }, seed, storage),
  embeddingCase({ dModel: 3, rows: 41, valueInput: 'binned' }, seed, storage),
  embeddingCase({ dModel: 65, rows: 17, valueInput: 'rank' }, seed, storage),
  meanRowsCase([[0, 1]], 1, seed, storage),
  meanRowsCase(
    [
      [0, 100],
      [99, 1],
      [4, 0],
      [17, 3],
    ],
    37,
    seed,
    storage,
  ),
];

/** Of the softmax loss, which is float32 alone. */
const SOFTMAX: readonly KernelCase[] = [
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

/** Every variant of every kernel against float64, on one adapter. */
export async function describeKernels(adapter: SoftwareAdapter, storage: Precision): Promise<void> {
  const context = await deviceOn(adapter);
  const cases = storage === 'f32' ? [...casesOf('f32'), ...SOFTMAX] : casesOf(storage);
  describe(`kernels on ${context.name}, ${storage}`, () => {
    it('covers every kernel of the encoder and the softmax loss', () => {
      expect(new Set(cases.map(({ dispatch }) => dispatch.kernel)).size).toBe(storage === 'f32' ? 7 : 5);
      expectEveryVariant(context, cases);
    });
    it.each(runsOf(context, cases))('%s', async (_, kernelCase, variant) => {
      expect(await kernelError(context, variant, kernelCase)).toBeLessThanOrEqual(TOLERANCE[storage]);
    });

    it('multiplies matrices of any size', async () => {
      const shapes = fc.record({
        rows: fc.integer({ min: 1, max: 150 }),
        inner: fc.integer({ min: 1, max: 150 }),
        // Few widths of workgroups: each is compiled.
        columns: fc.integer({ min: 1, max: 32 }),
        epilogue: fc.constant('none' as const),
        form: fc.constantFrom(...FORMS),
      });
      await fc.assert(
        fc.asyncProperty(shapes, fc.nat(), async (shape, drawn) => {
          const kernelCase = gemmCase(shape, drawn, storage);
          for (const variant of variantsFor(context, kernelCase))
            expect(await kernelError(context, variant, kernelCase), variant.name).toBeLessThanOrEqual(
              TOLERANCE[storage],
            );
        }),
        { numRuns: 10, seed },
      );
    });

    if (storage === 'f16') return;
    const many = inTwoDimensions(runsOf(context, MANY));
    it('has cases beyond one dimension of workgroups', () =>
      expect(new Set(many.map(([, { dispatch }]) => dispatch.kernel)).size).toBe(4));
    it.each(many)('in two dimensions of workgroups: %s', async (_, kernelCase, variant) => {
      expect(await kernelError(context, variant, kernelCase)).toBeLessThanOrEqual(TOLERANCE[storage]);
    });
  });
}
