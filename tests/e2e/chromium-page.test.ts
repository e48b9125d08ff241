import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { expectFitToBeSeen, violations } from './support/accessibility.ts';
import { openChromium } from './support/chromium.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId } from './support/tab.ts';

type ChromiumTab = Awaited<ReturnType<typeof openChromium>>;

describe('the page with the sample', () => {
  let site: Site;
  let tab: ChromiumTab;

  beforeAll(async () => {
    site = await serveFolder(await buildSiteIfStale());
    tab = await openChromium();
    await tab.open(site.address);
    await tab.waitFor(byTestId('model-name'), 120_000);
  });
  afterAll(async () => {
    await tab?.close();
    await site?.close();
  });

  it('starts with the promise, the model for what it is, and its card', async () => {
    expect(await tab.text('privacy')).toContain('Nothing leaves this machine');
    expect(await tab.text('model-what')).toContain('small demonstration model');
    await tab.click('open-model-card');
    const scores = await tab.text('held-out-scores');
    expect(scores).toContain('pbmc3k');
    expect(scores).toContain('4.9\u00a0%');
    await tab.page.keyboard.press('Escape');
    expect(await violations(tab.page)).toEqual([]);
  });

  it('opens the sample, checks it, and the check is accessible', async () => {
    await tab.click('try-sample');
    await tab.waitFor(byTestId('quality-panel'), 60_000);
    expect(await tab.text('dataset-shape')).toContain('600 cells');
    expect(await violations(tab.page)).toEqual([]);
    await tab.click('cells-first');
    await tab.fill('cell-count', '100');
    expect(await tab.text('one-donor-warning')).toContain('one donor');
  });

  it('cancels and keeps what is done', async () => {
    await tab.click('cells-all');
    await tab.click('start-run');
    await tab.waitFor(byTestId('scatter'), 120_000);
    await tab.click('cancel-run');
    await tab.waitFor(`${byTestId('run-summary')}[data-phase=cancelled]`, 120_000);
    const shape = await tab.text('results-shape');
    const done = Number(/^(\d+) of 600/.exec(shape)?.[1]);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(600);
  });

  it('runs the sample; results are accessible in light and dark', async () => {
    await tab.click('back-to-settings');
    await tab.waitFor(`${byTestId('start-run')}:not([disabled])`);
    await tab.click('start-run');
    await tab.waitFor(`${byTestId('run-summary')}[data-phase=done]`, 300_000);
    expect(await tab.text('not-for-diagnosis')).toMatch(/not for diagnosis/);
    expect(await tab.text('one-study-note')).toContain('4.9\u00a0%');
    await expectFitToBeSeen(tab, 'sample-results');
  });

  it('shows a cell, a lasso and undoes it, all by what is on the page', async () => {
    for (let i = 0; i < 400 && !(await tab.count(byTestId('cell-details'))); i++) {
      await tab.clickAt(byTestId('scatter'), 0.15 + 0.7 * ((i * 0.618) % 1), 0.15 + 0.7 * ((i * 0.414) % 1));
    }
    await tab.waitFor(`${byTestId('top-genes')}:has-text("counts")`);
    const box = await tab.page.locator(byTestId('scatter')).boundingBox();
    if (!box) throw new Error('no plot');
    await tab.evaluate(`document.querySelector('[data-testid=scatter-mode] input[value=lasso]').click()`);
    const at = (x: number, y: number) => [box.x + x * box.width, box.y + y * box.height] as const;
    await tab.page.mouse.move(...at(0.05, 0.05));
    await tab.page.mouse.down();
    for (const corner of [at(0.95, 0.05), at(0.95, 0.95), at(0.05, 0.95), at(0.05, 0.06)]) {
      await tab.page.mouse.move(...corner, { steps: 8 });
    }
    await tab.page.mouse.up();
    const selected = Number(/^(\d+) cells selected/.exec(await tab.text('selection-panel'))?.[1]);
    expect(selected).toBeGreaterThan(550);
    await tab.click('undo');
    expect(await tab.count(byTestId('selection-panel'))).toBe(0);
  });

  it('saves CSV, Arrow, Parquet, zarr, PNG and SVG', async () => {
    for (const [menu, item] of [
      ['export', 'export-csv'],
      ['export', 'export-arrow'],
      ['export', 'export-parquet'],
      ['export', 'export-zarr'],
      ['figure-menu', 'export-png'],
      ['figure-menu', 'export-svg'],
    ] as const) {
      const path = await tab.download(async () => {
        await tab.click(menu);
        await tab.click(item);
      });
      expect(path).toBeTruthy();
    }
    expect(tab.problems).toEqual([]);
  });

  it('saves the whole file with the results added', async () => {
    const path = await tab.download(async () => {
      await tab.click('export');
      await tab.click('export-whole');
    });
    const read = `
import anndata, json, sys, warnings
warnings.simplefilter("ignore")
a = anndata.read_h5ad(sys.argv[1])
print(json.dumps([a.n_obs, a.n_vars > 0, float(a.X.sum()) > 0, str(a.obs["teddy_embedded"].dtype), int(a.obs["teddy_embedded"].sum()), list(a.obsm["X_teddy"].shape)]))
`;
    const found = JSON.parse(execFileSync('/usr/bin/python3', ['-c', read, path], { encoding: 'utf8' }));
    expect(found).toEqual([600, true, true, 'bool', 600, [600, 128]]);
    expect(await tab.count(byTestId('export-status'))).toBe(0);
    const copies = `(async () => {
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('exports');
      let count = 0;
      for await (const name of folder.keys()) count++;
      return count;
    })()`;
    expect(await tab.evaluate<number>(copies)).toBe(1);
    await tab.click('close-file');
    if ((await tab.waitForAny(['drop-zone', 'close-confirm'])) === 'close-confirm')
      await tab.click('close-confirm');
    await tab.waitFor(byTestId('drop-zone'));
    await expect.poll(() => tab.evaluate<number>(copies), { timeout: 20_000 }).toBe(0);
    expect(tab.problems).toEqual([]);
  });
});
