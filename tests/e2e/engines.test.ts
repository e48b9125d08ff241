import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encoderCases, type GoldenCase } from '../../src/cli/golden-cases.ts';
import { deepCases } from '../../src/cli/golden-deep.ts';
import type { EngineKind } from '../../src/engine/engine.ts';
import { describeShared, hasShared, sharedPath } from '../support/shared.ts';
import { maxRelativeError } from '../support/tolerance.ts';
import { openChromium } from './support/chromium.ts';
import { engineInTab, serveEngines } from './support/engine-site.ts';
import { openFirefox } from './support/firefox.ts';
import type { Site } from './support/serve.ts';
import type { Tab } from './support/tab.ts';

const BROWSERS: readonly { name: string; open: () => Promise<Tab> }[] = [
  { name: 'Chromium', open: () => openChromium({ webgpu: true }) },
  { name: 'Firefox', open: openFirefox },
];
const KINDS: readonly EngineKind[] = ['wasm', 'webgpu'];

async function expectGolden(tab: Tab, kind: EngineKind, golden: GoldenCase): Promise<void> {
  const pkg = await golden.openPackage();
  const model = golden.name.startsWith('deep/') ? { deep: `${golden.name}.json` } : { folder: golden.name };
  const engine = await engineInTab(tab, kind, model, pkg.config);
  expect(engine.description.kind).toBe(kind);
  const comparisons = await golden.compare(engine, pkg);
  expect(comparisons.length).toBeGreaterThan(0);
  let worst = 0;
  for (const { tensor, actual, golden: expected } of comparisons) {
    const error = maxRelativeError(actual, expected);
    worst = Math.max(worst, error);
    expect(error, tensor).toBeLessThanOrEqual(golden.tolerance);
  }
  console.log(
    `${golden.name} ${kind} ${tab.browser} (${engine.description.device}) ${worst.toExponential(1)}`,
  );
}

describeShared('the engines in browsers give the golden numbers', () => {
  const cases = hasShared ? encoderCases(sharedPath('fixtures')) : [];
  const deep = hasShared ? deepCases(sharedPath('fixtures')).filter(({ name }) => name === 'deep/70m') : [];
  let site: Site;
  beforeAll(async () => {
    site = await serveEngines();
  });
  afterAll(() => site?.close());

  it('finds seven cases and the 70M shape', () => {
    expect(cases).toHaveLength(7);
    expect(deep).toHaveLength(1);
  });

  describe.each(BROWSERS)('$name', ({ name, open }) => {
    let tab: Tab;
    beforeAll(async () => {
      tab = await open();
      await tab.open(site.address);
    });
    afterAll(() => tab?.close());

    for (const kind of KINDS) {
      it.each(cases.map((golden) => [golden.name, golden] as const))(`%s on ${kind}`, async (_, golden) => {
        await expectGolden(tab, kind, golden);
      });
    }

    if (!process.env.TEDDY_VERIFY || name !== 'Chromium') return;
    it('deep/70m on wasm', async () => {
      for (const golden of deep) await expectGolden(tab, 'wasm', golden);
    });
  });
});
