import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { openChromium } from './support/chromium.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId, type Tab } from './support/tab.ts';

describe('other hosts and adapters', () => {
  let folder: string;
  let site: Site | null = null;
  let tab: Tab | null = null;

  beforeAll(async () => {
    folder = await buildSiteIfStale();
  });
  afterEach(async () => {
    await tab?.close();
    await site?.close();
    tab = null;
    site = null;
  });

  it('a host that sends no headers: one thread, and the page says so', async () => {
    site = await serveFolder(folder, { headers: false });
    tab = await openChromium();
    await tab.open(site.address);
    await tab.waitFor(byTestId('model-name'), 120_000);
    expect(await tab.text('engine-chip')).toContain('1 thread');
    expect(await tab.text('one-thread')).toContain('no isolation headers');
    await tab.click('try-sample');
    await tab.waitFor(byTestId('quality-panel'), 60_000);
    expect(tab.problems).toEqual([]);
  });

  it('a kernel that computes wrongly: the next engine runs, and the page says so', async () => {
    site = await serveFolder(folder);
    tab = await openChromium({ webgpu: true });
    await tab.open(`${site.address}?breakKernel=layer-norm`);
    await tab.waitFor(byTestId('model-name'), 120_000);
    await tab.choose('engine-select', 'WebGPU —');
    expect(await tab.text('engine-demoted', 180_000)).toContain('WebAssembly runs instead');
    expect(await tab.text('model-notice')).toMatch(/layer-norm|kernel/i);
    expect(await tab.text('engine-chip')).toContain('WebAssembly');
  });
});
