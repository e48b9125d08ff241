import type { Worker } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { describeShared, sharedPath } from '../support/shared.ts';
import { openChromium } from './support/chromium.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId } from './support/tab.ts';

const COMBAT = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');

/**
 * What a worker does to end, the first without an event that the page could hear. (One whose JavaScript heap
 * overflows takes the whole page with it in Chromium: against that stand the bounds on what is read at once.)
 */
const ENDS = {
  'closes itself': 'self.close()',
  'throws outside any call': `setTimeout(() => { throw new Error('out of memory'); })`,
} as const;

describeShared('workers that die, in one tab that must survive all of them', () => {
  let site: Site;
  let tab: Awaited<ReturnType<typeof openChromium>>;

  async function worker(name: string): Promise<Worker> {
    for (const found of tab.page.workers()) {
      // The threads of the WebAssembly runtime are workers too, and those that wait never answer.
      const silence = new Promise<null>((resolve) => setTimeout(resolve, 5_000, null));
      const named = await Promise.race([found.evaluate('self.name').catch(() => null), silence]);
      if (named === name) return found;
    }
    throw new Error(`no worker is called ${name}`);
  }

  /** Ends a worker, and waits until the browser has let it go. */
  async function end(name: string, how: keyof typeof ENDS): Promise<void> {
    const found = await worker(name);
    const gone = new Promise<void>((resolve) => found.once('close', () => resolve()));
    found.evaluate(ENDS[how]).catch(() => undefined);
    await gone;
  }

  async function startRun(cells: number): Promise<void> {
    if (await tab.count(byTestId('back-to-settings'))) await tab.click('back-to-settings');
    await tab.waitFor(byTestId('cells-random'), 60_000);
    await tab.click('cells-random');
    await tab.fill('cell-count', String(cells));
    await tab.waitFor(`${byTestId('start-run')}:not([disabled])`, 60_000);
    await tab.click('start-run');
  }

  async function completeRun(cells: number): Promise<void> {
    await startRun(cells);
    expect(await tab.waitForAny(['run-summary', 'run-error'], 180_000)).toBe('run-summary');
    expect(await tab.text('run-summary')).toContain(`${cells} cells`);
  }

  beforeAll(async () => {
    site = await serveFolder(await buildSiteIfStale());
    tab = await openChromium();
    await tab.open(site.address);
    await tab.waitFor(byTestId('model-name'), 120_000);
    await tab.giveFile(COMBAT);
    await tab.waitFor(byTestId('quality-panel'), 120_000);
  });
  afterAll(async () => {
    await tab?.close();
    await site?.close();
  });

  it.each<[string, keyof typeof ENDS]>([
    ['dataset', 'closes itself'],
    ['dataset', 'throws outside any call'],
    ['layout', 'closes itself'],
  ])(
    'the %s worker %s with nothing asked of it: nothing is said, the file is opened again, a run goes through',
    async (name, how) => {
      await end(name, how);
      expect(await tab.count(byTestId('run-error'))).toBe(0);
      await completeRun(24);
    },
  );

  it.each(Object.keys(ENDS) as (keyof typeof ENDS)[])(
    'the compute worker %s in a run: one sentence at once, the cells so far stay, the next run goes through',
    async (how) => {
      await startRun(600);
      await tab.page.getByText('cells/s').first().waitFor({ timeout: 60_000 });
      await end('compute', how);
      expect(await tab.text('run-error', 20_000)).toMatch(/stopped unexpectedly|memory/);
      await completeRun(24);
    },
  );
});
