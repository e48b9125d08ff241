import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { describeShared, sharedPath } from '../support/shared.ts';
import { openChromium } from './support/chromium.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId } from './support/tab.ts';

const COMBAT = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');
const MODEL = sharedPath('fixtures', 'bootstrap');

/** Would be an image that runs what it says, were it taken for HTML. */
const HOSTILE = '<img src=x onerror=window.taken=1>';
const FILE = `${HOSTILE}.h5ad`;

const SCRIPT = `
import sys, warnings
warnings.simplefilter("ignore")
import anndata, numpy as np, pandas as pd
source, out, evil = sys.argv[1:]
real = anndata.read_h5ad(source, backed="r")
a = real[np.r_[0:20, real.n_obs - 20:real.n_obs]].to_memory()
a.obs = pd.DataFrame({
    "donor_id": pd.Categorical([evil + str(i % 3) for i in range(40)]),
    evil: pd.Categorical([evil + " a", evil + " b"] * 20),
    evil + " text": [evil + str(i) for i in range(40)],
}, index=[evil + str(i) for i in range(40)])
a.var = a.var[[]].copy()
a.var[evil] = [evil + str(i) for i in range(a.n_vars)]
a.uns = {"title": evil, "organism": evil, "schema_version": evil}
a.obsm = {"X_" + "odd": np.random.RandomState(1).rand(40, 2)}
b = anndata.AnnData(a.X, obs=a.obs, var=a.var, uns=a.uns, obsm=dict(a.obsm))
b.write_h5ad(out)
`;

describeShared('text of files that would be HTML', () => {
  let site: Site;
  let tab: Awaited<ReturnType<typeof openChromium>>;
  const folder = mkdtempSync(join(tmpdir(), 'teddy-text-'));

  /** Nothing of it became an element, nothing ran. */
  async function expectText(): Promise<void> {
    expect(await tab.count('img[src="x"], [onerror]')).toBe(0);
    expect(await tab.evaluate('window.taken === undefined')).toBe(true);
  }

  beforeAll(async () => {
    execFileSync('/usr/bin/python3', ['-c', SCRIPT, COMBAT, join(folder, FILE), HOSTILE]);
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

  it('stays text in an error', async () => {
    const odd = join(folder, `${HOSTILE}.odd`);
    writeFileSync(odd, 'cell,gene,count\nA,CD3E,3\n');
    await tab.page.setInputFiles(`${byTestId('drop-zone')} input`, [odd, join(folder, FILE)]);
    expect(await tab.text('dataset-error', 60_000)).toContain(HOSTILE);
    await expectText();
  });

  it('stays text in the model card', async () => {
    const model = join(folder, 'model');
    mkdirSync(model);
    for (const file of readdirSync(MODEL)) copyFileSync(join(MODEL, file), join(model, file));
    const card = JSON.parse(readFileSync(join(MODEL, 'training.json'), 'utf8')) as Record<string, unknown>;
    const hostile = {
      ...card,
      what: HOSTILE,
      training_donors: { [HOSTILE]: [HOSTILE] },
      sources: [{ name: HOSTILE, citation: HOSTILE, licence: HOSTILE }],
    };
    writeFileSync(join(model, 'training.json'), JSON.stringify(hostile));
    await tab.click('other-models');
    await tab.page.setInputFiles(byTestId('model-folder-input'), model);
    await tab.page.getByTestId('model-what').getByText(HOSTILE).first().waitFor({ timeout: 120_000 });
    await tab.click('open-model-card');
    expect(await tab.text('model-card')).toContain(HOSTILE);
    await expectText();
    await tab.page.keyboard.press('Escape');
    await tab.page.getByTestId('model-card').waitFor({ state: 'detached' });
  });

  it('stays text in tables, legend, details of a cell and tooltips', async () => {
    await tab.giveFile(join(folder, FILE));
    expect(await tab.text('dataset-shape', 60_000)).toContain('40 cells');
    await tab.waitFor(`${byTestId('start-run')}:not([disabled])`, 60_000);
    await tab.click('start-run');
    expect(await tab.waitForAny(['run-summary', 'run-error'], 120_000)).toBe('run-summary');
    expect(await tab.text('donor-table')).toContain(HOSTILE);
    await expectText();
    await tab.choose('colour-by', '<img src=x onerror=window.taken=1>$');
    await tab.page.getByTestId('legend').getByText(`${HOSTILE} a`).waitFor({ timeout: 30_000 });
    await expectText();
    const box = await tab.page.getByTestId('scatter').boundingBox();
    const tooltip = tab.page.getByText(`${HOSTILE}: ${HOSTILE}`);
    let shown = 0;
    for (let i = 0; box && i < 400 && shown === 0; i++) {
      const [x, y] = [(i % 20) / 20, Math.floor(i / 20) / 20];
      await tab.page.mouse.move(box.x + x * box.width, box.y + y * box.height);
      shown = await tooltip.count();
    }
    expect(shown).toBeGreaterThan(0);
    await expectText();
    expect(tab.problems.filter((problem) => !problem.includes('404'))).toEqual([]);
  });

  it('stays text among results that are kept, and among those set aside for their version', async () => {
    await tab.click('keep-results');
    await tab.waitFor(byTestId('kept'), 60_000);
    await tab.open(site.address);
    expect(await tab.text('kept-result', 60_000)).toContain(HOSTILE);
    await expectText();
    await tab.evaluate(`(async () => {
      const results = await (await navigator.storage.getDirectory()).getDirectoryHandle('results');
      for await (const folder of results.values()) {
        const file = await folder.getFileHandle('about.json');
        const about = JSON.parse(await (await file.getFile()).text());
        const writable = await file.createWritable();
        await writable.write(JSON.stringify({ ...about, schema: about.schema.replace('/1', '/99') }));
        await writable.close();
      }
    })()`);
    await tab.open(site.address);
    expect(await tab.text('set-aside', 60_000)).toMatch(
      /^1 kept result \(<img src=x .*\) was stored by another version of teddy-web\. It is set aside/,
    );
    expect(await tab.count(byTestId('kept-result'))).toBe(0);
    await expectText();
  });
});
