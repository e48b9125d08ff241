import { afterAll, afterEach, beforeAll, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { describeShared, sharedPath } from '../support/shared.ts';
import { openFirefox } from './support/firefox.ts';
import { type Site, serveFolder } from './support/serve.ts';
import type { Tab } from './support/tab.ts';
import { expectWholeLine, runWholeLine } from './support/whole-line.ts';

const COMBAT = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');

describeShared('the whole line in Firefox', () => {
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

  it('embeds 252 real cells with WebAssembly, lays them out and exports them', async () => {
    tab = await openFirefox();
    const line = { engine: 'wasm', cells: 252, timeout: 400_000, name: 'firefox-wasm' } as const;
    const result = await runWholeLine(tab, site.address, COMBAT, line);
    console.log(`firefox wasm: ${result.summary} | ${result.accuracy.replaceAll('\n', ' ')}`);
    expectWholeLine(result, 252);
  });

  it('embeds 24 real cells with WebGPU kernels', async () => {
    tab = await openFirefox();
    const line = { engine: 'webgpu', cells: 24, timeout: 500_000, name: 'firefox-webgpu' } as const;
    const result = await runWholeLine(tab, site.address, COMBAT, line);
    console.log(`firefox webgpu: ${result.summary}`);
    expectWholeLine(result, 24);
  });
});
