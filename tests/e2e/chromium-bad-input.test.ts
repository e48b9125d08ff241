import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { EMBEDDED_MODELS } from '../../src/app/model/embedded.ts';
import { describeShared, sharedPath } from '../support/shared.ts';
import { makeBadFiles, makeBadModels } from './support/bad-files.ts';
import { openChromium } from './support/chromium.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId } from './support/tab.ts';

const COMBAT = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');
const MODEL = sharedPath('fixtures', 'bootstrap');

describeShared('bad input, in one tab that must survive all of it', () => {
  let site: Site;
  let tab: Awaited<ReturnType<typeof openChromium>>;
  let folder: string;
  let models: ReturnType<typeof makeBadModels>;
  const file = (name: string) => join(folder, `${name}.h5ad`);

  /** Back to the start; results of the file before are discarded where the page asks. */
  async function leave(): Promise<void> {
    await tab.click('close-file');
    if ((await tab.waitForAny(['drop-zone', 'close-confirm'])) === 'close-confirm') {
      await tab.click('close-confirm');
      await tab.waitFor(byTestId('drop-zone'));
    }
  }

  /** Opens a file and waits for the check, from wherever the tab is. */
  async function openChecked(name: string): Promise<void> {
    if (await tab.count(byTestId('close-file'))) await leave();
    await tab.waitFor(byTestId('drop-zone'));
    await tab.giveFile(file(name));
    await tab.waitFor(byTestId('dataset-shape'));
  }

  async function run(): Promise<void> {
    await tab.waitFor(`${byTestId('start-run')}:not([disabled])`, 60_000);
    await tab.click('start-run');
    expect(await tab.waitForAny(['run-summary', 'run-error'], 120_000)).toBe('run-summary');
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'teddy-bad-'));
    makeBadFiles(folder, COMBAT);
    models = makeBadModels(folder, MODEL);
    site = await serveFolder(await buildSiteIfStale());
    tab = await openChromium();
    await tab.open(site.address);
    await tab.waitFor(byTestId('model-name'), 120_000);
  });
  afterAll(async () => {
    await tab?.close();
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['not_hdf5', /opens \.h5ad|not a dataset/],
    ['truncated', /truncated|ends before/],
  ])('%s: one sentence, and the drop zone stays', async (name, sentence) => {
    await tab.giveFile(file(name));
    expect(await tab.text('dataset-error', 60_000)).toMatch(sentence);
    expect(await tab.count('[role=alert]')).toBe(1);
    expect(await tab.count(byTestId('drop-zone'))).toBe(1);
  });

  it('no counts: says so and offers no run', async () => {
    await openChecked('no_counts');
    expect(await tab.text('no-counts')).toMatch(/raw counts/);
    expect(await tab.count(`${byTestId('start-run')}:not([disabled])`)).toBe(0);
  });

  it('no known gene: says so', async () => {
    await openChecked('no_known_gene');
    expect(await tab.text('preflight-error', 60_000)).toMatch(/genes? .*vocabulary/);
    expect(await tab.count(`${byTestId('start-run')}:not([disabled])`)).toBe(0);
  });

  it('NaN counts: says so', async () => {
    await openChecked('nan_counts');
    const said = await tab.waitForAny(['preflight-error', 'no-counts'], 60_000);
    expect(await tab.text(said)).toMatch(/counts/);
  });

  it('one cell: runs', async () => {
    await openChecked('one_cell');
    await run();
    expect(await tab.text('results-shape')).toContain('1 of 1 cell');
  });

  it('an empty cell: runs, its predictions withheld', async () => {
    await openChecked('empty_cell');
    await run();
    expect(await tab.text('withheld-summary')).toMatch(/too few genes/);
  });

  it('no cell within the thresholds and those left out: says so before a run', async () => {
    await openChecked('none_passes');
    await tab.waitFor(byTestId('quality-panel'), 60_000);
    await tab.evaluate(`document.querySelector('[data-testid=qc-mode] input[value=drop]').click()`);
    expect(await tab.text('no-cells')).toMatch(/No cell is left/);
  });

  it('a model of the wrong shape and one with damaged weights: one sentence each, the model before stays', async () => {
    await leave();
    await tab.click('other-models');
    for (const [files, sentence] of [
      [models.wrongShape, /linear1|shape|500/],
      [models.corrupt, /damaged|safetensors/],
    ] as const) {
      await tab.page.setInputFiles(byTestId('model-folder-input'), files);
      expect(await tab.text('model-error', 60_000)).toMatch(sentence);
      await tab.waitFor(byTestId('model-name'), 120_000);
      expect(await tab.text('model-name')).toBe('teddy-g-bootstrap');
      await tab.evaluate(`document.querySelector('[data-testid=model-error] button').click()`);
    }
  });

  it('every model that comes with the page: opens, and its card says how it did on hidden tokens', async () => {
    for (const name of [...EMBEDDED_MODELS].reverse()) {
      await tab.page.getByTestId('embedded-models').getByRole('button', { name }).click();
      await tab.page.getByTestId('model-name').getByText(name, { exact: true }).waitFor({ timeout: 120_000 });
      await tab.click('open-model-card');
      expect(await tab.text('hidden-losses')).toMatch(/velmeshev\s*\d\.\d{3}/);
      await tab.page.getByRole('button', { name: 'Close the model card' }).click();
    }
  });

  it('a published folder without medians: asks for them, and runs once they are added', async () => {
    await tab.page.setInputFiles(byTestId('model-folder-input'), models.withoutMedians);
    expect(await tab.text('model-error', 60_000)).toMatch(/medians/);
    const picker = tab.page.waitForEvent('filechooser');
    await tab.click('add-missing-file');
    await (await picker).setFiles(join(folder, 'teddy_gene_medians.json'));
    await tab.page.locator(byTestId('model-error')).waitFor({ state: 'detached', timeout: 60_000 });
    await tab.page.getByTestId('model-name').getByText('without_medians').waitFor({ timeout: 120_000 });
  });

  it('several files at once that do not fit: one sentence, naming the one', async () => {
    await tab.page.setInputFiles(`${byTestId('drop-zone')} input`, [file('one_cell'), file('not_hdf5')]);
    expect(await tab.text('dataset-error', 60_000)).toMatch(/not_hdf5\.h5ad: /);
    expect(await tab.count('[role=alert]')).toBe(1);
  });

  it('several files at once that fit: one dataset, with a column of samples', async () => {
    await tab.page.setInputFiles(`${byTestId('drop-zone')} input`, [file('one_cell'), file('empty_cell')]);
    expect(await tab.text('dataset-shape', 60_000)).toMatch(/cells/);
    await tab.waitFor(`${byTestId('start-run')}:not([disabled])`, 60_000);
  });
});
