import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { describeShared, sharedPath } from '../support/shared.ts';
import { openChromium } from './support/chromium.ts';
import { type Site, serveFolder } from './support/serve.ts';
import type { Tab } from './support/tab.ts';
import { expectWholeLine, runWholeLine } from './support/whole-line.ts';

const COMBAT = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');

describeShared('the whole line in Chromium', () => {
  let site: Site;
  let tab: Tab | null = null;

  beforeAll(async () => {
    site = await serveFolder(await buildSiteIfStale());
  });
  afterAll(() => site?.close());
  afterEach(async () => {
    await tab?.close();
    tab = null;
  });

  it('embeds 504 real cells with WebAssembly, lays them out and exports them', async () => {
    tab = await openChromium();
    const line = { engine: 'wasm', cells: 504, timeout: 400_000, name: 'chromium-wasm' } as const;
    const result = await runWholeLine(tab, site.address, COMBAT, line);
    console.log(`chromium wasm: ${result.summary} | ${result.accuracy.replaceAll('\n', ' ')}`);
    expectWholeLine(result, 504);
    expect(tab.problems).toEqual([]);
    await tab.colorScheme('dark');
    await tab.screenshot('chromium-wasm-5-dark');
  });

  it('embeds 24 real cells with WebGPU kernels', async () => {
    tab = await openChromium({ webgpu: true });
    const line = { engine: 'webgpu', cells: 24, timeout: 500_000, name: 'chromium-webgpu' } as const;
    const result = await runWholeLine(tab, site.address, COMBAT, line);
    console.log(`chromium webgpu: ${result.summary}`);
    expectWholeLine(result, 24);
    expect(tab.problems).toEqual([]);
  });
});
