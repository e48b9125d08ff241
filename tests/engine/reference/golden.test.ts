import { expect, it } from 'vitest';
import { encoderCases, maxError } from '../../../src/cli/golden-cases.ts';
import { createReferenceEngine } from '../../../src/engine/reference/engine.ts';
import { describeShared, hasShared, sharedPath } from '../../support/shared.ts';

describeShared('the float64 reference gives the golden numbers', () => {
  const cases = hasShared ? encoderCases(sharedPath('fixtures')) : [];
  it('finds all seven cases', () => expect(cases).toHaveLength(7));
  it.each(cases.map((golden) => [golden.name, golden] as const))('%s', async (_, golden) => {
    const pkg = await golden.openPackage();
    const engine = await createReferenceEngine(pkg);
    const comparisons = await golden.compare(engine, pkg);
    expect(comparisons.length).toBeGreaterThanOrEqual(4);
    for (const { tensor, actual, golden: expected } of comparisons)
      expect(maxError(actual, expected), tensor).toBeLessThanOrEqual(1e-6);
  });
});
