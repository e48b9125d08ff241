import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import type { SpeedReport } from '../../src/speed/report.ts';
import { violations } from './support/accessibility.ts';
import { openChromium } from './support/chromium.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId } from './support/tab.ts';

describe('“How fast is this machine?”', () => {
  let site: Site;
  let tab: Awaited<ReturnType<typeof openChromium>>;

  beforeAll(async () => {
    site = await serveFolder(await buildSiteIfStale());
    tab = await openChromium({ webgpu: true });
    await tab.open(site.address);
    await tab.waitFor(byTestId('open-speed'), 60_000);
  });
  afterAll(async () => {
    await tab?.close();
    await site?.close();
  });

  it('opens from the header by keyboard, and can be stopped', async () => {
    await tab.page.locator(byTestId('open-speed')).focus();
    await tab.page.keyboard.press('Enter');
    await tab.waitFor('main[data-screen=speed]:focus');
    expect(await violations(tab.page)).toEqual([]);
    await tab.page.locator(byTestId('measure-speed')).focus();
    await tab.page.keyboard.press('Enter');
    await tab.waitFor(byTestId('speed-status'));
    await tab.click('cancel-speed');
    await tab.waitFor(byTestId('measure-speed'));
    expect(await tab.count(byTestId('speed-error'))).toBe(0);
  });

  it('measures both engines, draws them, and saves what it found', async () => {
    await tab.click('measure-speed');
    await tab.waitFor(byTestId('save-speed'), 400_000);
    await tab.waitFor(`${byTestId('plot-models')} svg`);
    await tab.screenshot('speed-light');
    const file = await tab.download(() => tab.click('save-speed'));
    const report = JSON.parse(await readFile(file, 'utf8')) as SpeedReport;
    expect(report.adapter).toMatchObject({ software: true });
    expect(report.peak?.flops).toBeGreaterThan(1e8);
    expect(report.gemm).toHaveLength(1);
    expect(report.threads).toBeGreaterThan(1);
    expect(report.models.length + report.skipped.length).toBe(12);
    for (const engine of ['wasm', 'webgpu'])
      expect(report.models.some((figure) => figure.engine === engine)).toBe(true);
    expect(report.skipped.filter(({ reason }) => reason !== 'slow')).toEqual([]);
    expect(await violations(tab.page)).toEqual([]);
  });

  it('is accessible in the dark, and goes back', async () => {
    await tab.colorScheme('dark');
    await tab.screenshot('speed-dark');
    expect(await violations(tab.page)).toEqual([]);
    await tab.click('close-speed');
    await tab.waitFor('main[data-screen=start]');
    expect(tab.problems).toEqual([]);
  });
});
