import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SoftwareAdapter } from '../../../../src/cli/vulkan-drivers.ts';
import {
  activationBackwardCase,
  activationCase,
  addCase,
  dropoutCase,
  fillCase,
} from '../../../../src/engine/webgpu/cases/elements.ts';
import { gatherRowsCase, segmentSumCase } from '../../../../src/engine/webgpu/cases/gather.ts';
import { gemmCase } from '../../../../src/engine/webgpu/cases/gemm.ts';
import type { KernelCase } from '../../../../src/engine/webgpu/cases/kernel-case.ts';
import {
  softmaxGradientCase,
  softmaxStatisticsCase,
  squaredErrorCase,
} from '../../../../src/engine/webgpu/cases/loss.ts';
import { adamwCase, clipFactorCase, squareSumCase } from '../../../../src/engine/webgpu/cases/optimiser.ts';
import {
  layerNormBackwardCase,
  layerNormParametersCase,
  sumRowsCase,
} from '../../../../src/engine/webgpu/cases/rows-backward.ts';
import { trainingCases } from '../../../../src/engine/webgpu/cases/training.ts';
import { kernelError } from '../../../../src/engine/webgpu/self-test.ts';
import { deviceOn } from './adapter.ts';
import { expectEveryVariant, inTwoDimensions, runsOf, TOLERANCE, variantsFor } from './kernel-runs.ts';

const seed = 20261125;

const KINDS = ['gelu', 'relu'] as const;
/** One, beside a workgroup of threads, and odd. */
const COUNTS = [1, 63, 64, 65, 1031] as const;
/** Rows × columns: one of either, one row, beside tiles, many rows. */
const SHAPES = [
  [1, 1],
  [1, 259],
  [63, 33],
  [64, 32],
  [515, 3],
] as const;
const SWITCH = [0, 1] as const;

const ROWS: readonly KernelCase[] = SHAPES.flatMap(([rows, columns]) => [
  layerNormBackwardCase(rows, columns, seed),
  layerNormBackwardCase(rows, columns, seed, 'statistics'),
  ...[1, 64].map((slice) => layerNormParametersCase(rows, columns, slice, seed)),
  ...SWITCH.flatMap((accumulate) => [
    ...[1, 64, 1000].map((slice) => sumRowsCase(rows, columns, slice, accumulate, seed)),
    gatherRowsCase(rows, columns, accumulate, seed),
  ]),
]);

const ELEMENTS: readonly KernelCase[] = COUNTS.flatMap((count4) => [
  ...KINDS.flatMap((kind) => [
    activationCase(kind, count4, seed),
    activationBackwardCase(kind, count4, seed),
  ]),
  ...SWITCH.flatMap((residual) => [0, 0.1, 0.9].map((p) => dropoutCase(p, residual, count4, seed))),
  addCase(count4, seed),
  fillCase(count4, -1.5, seed),
]);

const SEGMENTS: readonly KernelCase[] = SWITCH.flatMap((accumulate) => [
  segmentSumCase([1], 1, accumulate, seed),
  segmentSumCase([0, 1, 2, 0, 300], 65, accumulate, seed),
  segmentSumCase(
    Array.from({ length: 131 }, (_, i) => i % 5),
    6,
    accumulate,
    seed,
  ),
]);

/** First chunks, later ones, one class, one chunk of all, and more classes than threads. */
const CHUNKS = [
  { rows: 1, start: 0, columns: 1, behind: 0 },
  { rows: 65, start: 0, columns: 13, behind: 0 },
  { rows: 64, start: 0, columns: 5, behind: 40 },
  { rows: 131, start: 33, columns: 65, behind: 7 },
  { rows: 3, start: 700, columns: 515, behind: 0 },
  { rows: 22, start: 5, columns: 1, behind: 2 },
];

const LOSSES: readonly KernelCase[] = [
  ...CHUNKS.flatMap((chunk) => [softmaxStatisticsCase(chunk, seed), softmaxGradientCase(chunk, seed)]),
  ...[1, 65].flatMap((rows) => [squaredErrorCase(rows, 'dx', seed), squaredErrorCase(rows, 'loss', seed)]),
];

const OPTIMISER: readonly KernelCase[] = [
  squareSumCase(1, 1, 0, seed),
  squareSumCase(65, 1, 2, seed),
  squareSumCase(1031, 256, 5, seed),
  squareSumCase(63, 64, 0, seed),
  clipFactorCase(1, 1, 0, seed),
  clipFactorCase(257, 1e6, 1, seed),
  clipFactorCase(1000, 0.25, 1, seed),
  clipFactorCase(300, 1, Number.NaN, seed),
  clipFactorCase(2, 1, Number.POSITIVE_INFINITY, seed),
  ...(['weight', 'first', 'second'] as const).flatMap((answer) => [
    adamwCase({ count4: 1, step: 1, decay: 0, finite: true }, answer, seed),
    adamwCase({ count4: 65, step: 1, decay: 0.1, finite: true }, answer, seed),
    adamwCase({ count4: 1031, step: 5000, decay: 0.1, finite: true }, answer, seed),
    adamwCase({ count4: 65, step: 2, decay: 0.1, finite: false }, answer, seed),
  ]),
];

/** Products added to y. */
const ADDED_TO: readonly KernelCase[] = [
  ...(['nn', 'nt', 'tn'] as const).map((form) =>
    gemmCase(
      { rows: 140, inner: 20, columns: 13, epilogue: 'none', form, rowStart: 128, accumulate: 1 },
      seed,
    ),
  ),
  gemmCase({ rows: 3, inner: 5, columns: 7, epilogue: 'residual', accumulate: 1 }, seed),
];

/** More workgroups than one dimension of a dispatch may have. */
const MANY: readonly KernelCase[] = [
  layerNormBackwardCase(65_541, 5, seed),
  sumRowsCase(65_541, 2, 1, 1, seed),
  softmaxStatisticsCase({ rows: 65_541, start: 2, columns: 3, behind: 0 }, seed),
  squareSumCase(65_541, 1, 0, seed),
  fillCase(64 * 65_536 + 3, 2, seed),
];

/** Every variant of every kernel of training but attention's against float64, on one adapter. */
export async function describeTrainingKernels(adapter: SoftwareAdapter): Promise<void> {
  const context = await deviceOn(adapter);
  const cases = [...ROWS, ...ELEMENTS, ...SEGMENTS, ...LOSSES, ...OPTIMISER];
  const right = async ([name, kernelCase, variant]: ReturnType<typeof runsOf>[number]) =>
    expect(await kernelError(context, variant, kernelCase), name).toBeLessThanOrEqual(TOLERANCE.f32);

  describe(`training kernels on ${context.name}`, () => {
    it('covers every kernel and variant', () => {
      const asked = new Set(cases.map(({ dispatch }) => dispatch.kernel));
      const needed = trainingCases('gelu', seed).map(([{ dispatch }]) => dispatch.kernel);
      expect(new Set([...asked, 'gemm'])).toEqual(new Set(needed));
      expectEveryVariant(context, cases);
    });

    it.each(runsOf(context, [...ADDED_TO, ...cases]))('%s', async (...run) => right(run));

    it('takes any chunk of any classes', async () => {
      const chunks = fc.record({
        rows: fc.integer({ min: 1, max: 80 }),
        start: fc.integer({ min: 0, max: 90 }),
        columns: fc.integer({ min: 1, max: 150 }),
        behind: fc.integer({ min: 0, max: 20 }),
      });
      await fc.assert(
        fc.asyncProperty(chunks, fc.nat(), async (chunk, drawn) => {
          for (const kernelCase of [softmaxStatisticsCase(chunk, drawn), softmaxGradientCase(chunk, drawn)])
            for (const variant of variantsFor(context, kernelCase))
              await right([`${kernelCase.label} (${variant.name})`, kernelCase, variant]);
        }),
        { numRuns: 20, seed },
      );
    });

    const many = inTwoDimensions(runsOf(context, MANY));
    it('has cases beyond one dimension of workgroups', () => expect(many).toHaveLength(MANY.length));
    it.each(many)('in two dimensions of workgroups: %s', async (...run) => right(run));
  });
}
