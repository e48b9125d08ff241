import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { describeShared, sharedPath } from '../support/shared.ts';
import { expectFitToBeSeen, violations } from './support/accessibility.ts';
import { openChromium } from './support/chromium.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId } from './support/tab.ts';

const KANG = sharedPath('data', 'disease', 'kang_harmony_2000_raw.h5ad');

type ChromiumTab = Awaited<ReturnType<typeof openChromium>>;

/** Remembers the devices of the train worker, so that a test can destroy one as a driver's crash would. */
const REMEMBER_DEVICES = `
  globalThis.devices = [];
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...options) {
    const device = await request.apply(this, options);
    globalThis.devices.push(device);
    return device;
  };
`;

describeShared('a fine-tuning in Chromium', () => {
  let site: Site;
  let tab: ChromiumTab;
  let curve: readonly number[] = [];

  beforeAll(async () => {
    site = await serveFolder(await buildSiteIfStale());
    tab = await openChromium({ webgpu: true });
    await tab.open(site.address);
    await tab.waitFor(byTestId('model-name'), 120_000);
  });
  afterAll(async () => {
    await tab?.close();
    await site?.close();
  });

  const trainWorker = async () => {
    for (const worker of tab.page.workers()) {
      if ((await worker.evaluate('self.name')) === 'train') return worker;
    }
    throw new Error('there is no train worker');
  };

  it('is set up on 48 cells of Kang: donors seen in training never a test', async () => {
    await tab.giveFile(KANG);
    await tab.waitFor(byTestId('quality-panel'), 120_000);
    await tab.click('cells-random');
    await tab.fill('cell-count', '48');
    await tab.fill('cell-seed', '7');
    await tab.waitFor(`${byTestId('start-run')}:not([disabled])`);
    await tab.click('start-run');
    await tab.waitFor(`${byTestId('run-summary')}[data-phase=done]`, 400_000);
    await new Promise((r) => setTimeout(r, 8000));
    await tab.screenshot('train-first');
    console.log(await tab.text('train-panel'), tab.problems);
    await tab.waitFor(byTestId('train-estimate'), 5_000);
    await tab.screenshot('train-first');
    console.log(await tab.text('train-panel'));
  });
});
