import { describe, expect, it } from 'vitest';
import { encoderCases, maxError } from '../../../../src/cli/golden-cases.ts';
import type { SoftwareAdapter } from '../../../../src/cli/vulkan-drivers.ts';
import { createWebGpuEngine } from '../../../../src/engine/webgpu/engine.ts';
import { describeShared, hasShared, sharedPath } from '../../../support/shared.ts';
import { gpuOn } from './adapter.ts';
import { hasTimeFor } from './short-form.ts';

/** The golden encoder cases on one adapter: seven, or the three that SwiftShader has time for. */
export async function describeGolden(adapter: SoftwareAdapter): Promise<void> {
  const gpu = await gpuOn(adapter);
  const cases = hasShared ? encoderCases(sharedPath('fixtures')) : [];
  describe(adapter, () => {
    describeShared('webgpu gives the golden numbers', () => {
      it('finds all seven cases', () => expect(cases).toHaveLength(7));
      const tried = cases.filter(({ name }) => hasTimeFor(adapter, name));
      it('tries three of them at least', () => expect(tried.length).toBeGreaterThanOrEqual(3));
      it.each(tried.map((golden) => [golden.name, golden] as const))('%s', async (_, golden) => {
        const pkg = await golden.openPackage();
        const engine = await createWebGpuEngine({ gpu, package: pkg });
        expect(engine.description.device.toLowerCase()).toContain(
          adapter === 'lavapipe' ? 'llvmpipe' : adapter,
        );
        const comparisons = await golden.compare(engine, pkg);
        engine.destroy();
        expect(comparisons.length).toBeGreaterThanOrEqual(4);
        for (const { tensor, actual, golden: expected } of comparisons)
          expect(maxError(actual, expected), tensor).toBeLessThanOrEqual(2e-4);
      });
    });
  });
}
