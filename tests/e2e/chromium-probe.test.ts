import { readFileSync } from 'node:fs';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { describeShared, sharedPath } from '../support/shared.ts';
import { expectFitToBeSeen, violations } from './support/accessibility.ts';
import { openChromium } from './support/chromium.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId } from './support/tab.ts';

const COMBAT = sharedPath('data', 'disease', 'combat_covid_6donors_raw.h5ad');
const PBMC3K = sharedPath('data', 'demo', 'pbmc3k_2638x13714_raw_counts_recovered.h5ad');

type ChromiumTab = Awaited<ReturnType<typeof openChromium>>;

interface Row {
  readonly method: string;
  readonly figures: Readonly<Record<string, string>>;
  readonly sure: string;
}

describeShared('a probe in Chromium', () => {
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

  async function embed(path: string, cells: number): Promise<void> {
    await tab.giveFile(path);
    await tab.waitFor(byTestId('quality-panel'), 120_000);
    await tab.click('cells-random');
    await tab.fill('cell-count', String(cells));
    await tab.fill('cell-seed', '7');
    await tab.waitFor(`${byTestId('start-run')}:not([disabled])`);
    await tab.click('start-run');
    await tab.waitFor(`${byTestId('run-summary')}[data-phase=done]`, 400_000);
  }

  const rows = () =>
    tab.evaluate<Row[]>(
      `[...document.querySelectorAll('[data-testid=methods-table] tbody tr')].map((row) => ({
        method: row.dataset.method,
        figures: Object.fromEntries([...row.querySelectorAll('[data-metric]')].map((cell) => [cell.dataset.metric, cell.innerText.trim()])),
        sure: row.querySelector('[data-testid=how-sure]').innerText,
      }))`,
    );

  it('probes disease by donor on 500 COMBAT cells, and says what cannot be claimed', async () => {
    await embed(COMBAT, 500);
    await tab.waitFor(byTestId('probe-panel'));
    expect(await tab.page.locator(byTestId('probe-label')).inputValue()).toBe('disease');
    expect(await tab.page.locator(byTestId('probe-split')).inputValue()).toBe('each donor held out in turn');
    expect(await violations(tab.page)).toEqual([]);
    await tab.click('run-probe');
    await tab.waitFor(byTestId('methods-table'), 400_000);
    const table = await rows();
    console.log(
      table.map(({ method, figures, sure }) => `${method} ${JSON.stringify(figures)} ${sure}`).join('\n'),
    );
    expect(table.map(({ method }) => method)).toEqual(
      expect.arrayContaining(['probe', 'expression', 'commonest-class', 'head']),
    );
    for (const { figures, sure } of table) {
      expect(Number(figures.accuracy.split(/\s/)[0])).toBeGreaterThanOrEqual(0);
      expect(sure).toContain('no claim can be made');
    }
    expect(await tab.text('probe-tested')).toMatch(/3 donors seen in training of the model/);
    expect(await tab.text('probe-verdict')).toMatch(/the smallest these donors can give is/);
  });

  it('gives donors that the model has seen no figure', async () => {
    await tab.waitFor(byTestId('probe-donors'));
    const donors = await tab.evaluate<{ donor: string; seen: string; cells: string[] }[]>(
      `[...document.querySelectorAll('[data-testid=probe-donors] tbody tr')].map((row) => ({
        donor: row.dataset.donor, seen: row.dataset.seen,
        cells: [...row.querySelectorAll('td')].slice(1).map((cell) => cell.innerText),
      }))`,
    );
    expect(donors.map(({ donor, seen }) => [donor, seen])).toEqual([
      ['H00049', 'true'],
      ['H00053', 'false'],
      ['S00006', 'false'],
      ['S00016', 'true'],
      ['S00040', 'true'],
      ['S00043', 'false'],
    ]);
    for (const { seen, cells } of donors) expect(cells.every((text) => text === '–')).toBe(seen === 'true');
  });

  it('is accessible and fit to be seen in light and dark', async () => {
    await tab.waitFor(`${byTestId('plot-confusion')} svg`);
    await expectFitToBeSeen(tab, 'probe');
  });

  it('abstains by keyboard, shows wrong cells on the map, marks a changed setting', async () => {
    const before = await tab.text('probe-coverage');
    await tab.page.locator(`${byTestId('probe-threshold')} [role=slider]`).press('End');
    expect(await tab.text('probe-coverage')).not.toBe(before);
    await tab.click('probe-errors');
    expect(await tab.text('legend')).toMatch(/answered right.*answered wrong.*not tested/s);
    await tab.click('probe-more');
    await tab.choose('probe-weights', 'balanced');
    await tab.waitFor(byTestId('probe-stale'));
    await tab.choose('probe-weights', 'none');
    await tab.page.locator(byTestId('probe-stale')).waitFor({ state: 'detached' });
  });

  it('saves plots and a report that holds all of it and fetches nothing', async () => {
    for (const item of ['plot-svg', 'plot-png']) {
      const path = await tab.download(async () => {
        await tab.click('plot-menu-confusion');
        await tab.click(item);
      });
      const bytes = readFileSync(path);
      if (item === 'plot-png') expect(bytes.subarray(1, 4).toString()).toBe('PNG');
      else expect(bytes.toString()).toMatch(/^<svg xmlns=.*not for diagnosis/s);
    }
    const html = readFileSync(await tab.download(() => tab.click('report-html')), 'utf8');
    const { document } = parseHTML(html);
    expect(document.querySelector('h1')?.textContent).toContain('combat_covid_6donors_raw.h5ad');
    expect(document.querySelectorAll('script, link, img')).toHaveLength(0);
    expect(document.querySelectorAll('svg').length).toBeGreaterThan(8);
    const config = JSON.parse(document.querySelector('pre code')?.textContent ?? '');
    expect(config).toMatchObject({ schema: 'teddy-web/probe-config/1', cells: { count: 500, seed: 7 } });
    const json = JSON.parse(readFileSync(await tab.download(() => tab.click('report-json')), 'utf8'));
    expect(json.config).toEqual(config);
    expect(json.evaluation.methods[0].metrics.accuracy).toBeCloseTo(
      Number((await rows())[0].figures.accuracy.split(/\s/)[0]),
      2,
    );
    const report = await tab.page.context().newPage();
    const fetched: string[] = [];
    report.on('request', (request) => fetched.push(request.url()));
    await report.setContent(html);
    await report.screenshot({ path: 'test-results/probe-report.png', fullPage: true });
    await report.emulateMedia({ colorScheme: 'dark' });
    await report.screenshot({ path: 'test-results/probe-report-dark.png', fullPage: true });
    expect(fetched).toEqual([]);
    await report.close();
  });

  it('applies the saved probe to pbmc3k and says how far its answers go', async () => {
    const saved = await tab.download(() => tab.click('save-probe'));
    await tab.click('close-file');
    await tab.click('close-confirm');
    await embed(PBMC3K, 60);
    await tab.page.setInputFiles('input[accept=".safetensors"]', {
      name: 'combat_disease.probe.safetensors',
      mimeType: 'application/octet-stream',
      buffer: readFileSync(saved),
    });
    await tab.waitFor(byTestId('applied-probe'), 60_000);
    const note = await tab.text('applied-probe');
    console.log(note);
    expect(note).toMatch(/of 60 cells .* lie outside\s+what the probe was trained on/);
    expect(note).toContain('combat_covid_6donors_raw.h5ad');
    expect(note).toContain('balanced accuracy');
    expect(note).toContain('no claim can be made');
    expect(await tab.text('predictions-panel')).toContain('disease (probe)');
    expect(await violations(tab.page)).toEqual([]);
    await tab.screenshot('probe-applied');
    const csv = readFileSync(
      await tab.download(async () => {
        await tab.click('export');
        await tab.click('export-csv');
      }),
      'utf8',
    );
    const [head] = csv.split('\n');
    expect(head).toContain('teddy_probe_disease');
    expect(head).toContain('teddy_probe_disease_withheld');
    expect(tab.problems).toEqual([]);
  });
});
