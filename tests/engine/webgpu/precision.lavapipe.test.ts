import { describe, expect, it } from 'vitest';
import { encoderCases, maxError } from '../../../src/cli/golden-cases.ts';
import { createWebGpuEngine } from '../../../src/engine/webgpu/engine.ts';
import { describeShared, hasShared, sharedPath } from '../../support/shared.ts';
import { gpuOn } from './support/adapter.ts';
import { smallBatch, smallPackage } from './support/small-model.ts';

const gpu = await gpuOn('lavapipe');
const cases = hasShared ? encoderCases(sharedPath('fixtures')) : [];

/** The largest measured is 2.5e-2, of the pre-norm case: docs/kernels.md. */
const TOLERANCE = 4e-2;

describeShared('float16 weights and activations', () => {
  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', async (_, golden) => {
    const pkg = await golden.openPackage();
    const engine = await createWebGpuEngine({ gpu, package: pkg, precision: 'f16' });
    expect(engine.halfRefused).toBeNull();
    expect(engine.description.device).toMatch(/float16$/);
    const comparisons = await golden.compare(engine, pkg);
    engine.destroy();
    expect(comparisons.length).toBeGreaterThanOrEqual(4);
    const errors = comparisons.map(({ actual, golden: expected }) => maxError(actual, expected));
    expect(Math.max(...errors)).toBeLessThanOrEqual(TOLERANCE);
    // As good as float32, and it did not run in float16 at all.
    expect(Math.max(...errors)).toBeGreaterThan(2e-4);
  });
});

describe('a GPU that is wrong in float16', () => {
  it('runs in float32, with a sentence', async () => {
    const broken = { kernel: 'layer-norm', storage: 'f16' } as const;
    const options = { gpu, package: smallPackage, precision: 'f16' } as const;
    const engine = await createWebGpuEngine({ ...options, breakKernel: broken });
    expect(engine.halfRefused).toBe('wrong');
    expect(engine.description.device).not.toMatch(/float16/);
    const expected = await createWebGpuEngine({ gpu, package: smallPackage });
    const run = { pooling: 'gene_mean' } as const;
    expect(await engine.encode(smallBatch, run)).toEqual(await expected.encode(smallBatch, run));
    engine.destroy();
    expected.destroy();
  });
});
