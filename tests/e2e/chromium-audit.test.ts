import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { describeShared, sharedPath } from '../support/shared.ts';
import { violations } from './support/accessibility.ts';
import { openChromium } from './support/chromium.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId } from './support/tab.ts';

describeShared('duplicate cells on the page', () => {
  let site: Site;
  let tab: Awaited<ReturnType<typeof openChromium>>;

  beforeAll(async () => {
    site = await serveFolder(await buildSiteIfStale());
    tab = await openChromium();
    await tab.open(site.address);
    await tab.waitFor(byTestId('model-name'), 120_000);
    await tab.giveFile(sharedPath('data', 'disease', 'kang_harmony_2000_raw.h5ad'));
    await tab.waitFor(byTestId('quality-panel'), 60_000);
    await tab.click('cells-first');
    await tab.fill('cell-count', '40');
    await tab.click('start-run');
    await tab.waitFor(`${byTestId('run-summary')}[data-phase=done]`, 300_000);
  });
  afterAll(async () => {
    await tab?.close();
    await site?.close();
  });

  it('are looked for among the training cells, which are fetched only then', async () => {
    const fetched = () =>
      tab.evaluate<number>(
        `performance.getEntriesByType('resource').filter(({ name, transferSize }) =>
          name.endsWith('training_sketch.safetensors') && transferSize > 1e6).length`,
      );
    expect(await fetched()).toBe(0);
    await tab.click('run-audit');
    const said = await tab.text('audit-findings', 60_000);
    expect(said).toContain('No cell occurs twice in this file');
    expect(said).toContain('1,676 of 2,000 cells of this file are among the 8,792 cells');
    expect(await violations(tab.page)).toEqual([]);
  });

  it('are looked for in another file; what is said is accessible in light and dark', async () => {
    const control = sharedPath('data', 'disease', 'kang_ctrl_12261x1287_ensembl_raw.h5ad');
    await tab.page.getByLabel('Another file to compare cells with').setInputFiles(control);
    await tab.page.getByText('954 of 2,000 cells of this file are in kang_ctrl').waitFor({ timeout: 60_000 });
    await tab.screenshot('audit-light');
    await tab.colorScheme('dark');
    await tab.screenshot('audit-dark');
    expect(await violations(tab.page)).toEqual([]);
  });

  it('in a file that is none leave one sentence, and what was found', async () => {
    await tab.page.getByLabel('Another file to compare cells with').setInputFiles({
      name: 'notes.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('not cells'),
    });
    expect(await tab.text('audit-error')).toMatch(/teddy-web/);
    expect(await tab.text('audit-findings')).toContain('954 of 2,000');
    expect(tab.problems).toEqual([]);
  });
});
