import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { embeddedModelFolder } from '../../src/cli/node-environment.ts';
import { LARGE_FILE_DONORS, writeLargeH5ad } from '../support/large-h5ad.ts';
import { openChromium } from './support/chromium.ts';
import { openFirefox } from './support/firefox.ts';
import { type ProcessWatch, watchProcesses } from './support/processes.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId, type Tab } from './support/tab.ts';
import { openWithEngine } from './support/whole-line.ts';
import { type WorkerMemory, workerMemory } from './support/worker-memory.ts';

const whole = process.env.TEDDY_VERIFY === '1';
const STORED = 1_000;
const CELLS = whole ? 380_000 : 6_000;
const DRAWN = whole ? 2_000 : 80;
const PATIENCE = whole ? 600_000 : 120_000;
/**
 * Of the dataset worker, above what it holds after a small file: once a step is over, QC of all cells included, and at any
 * moment, dead buffers included. The memory of the HDF5 library cannot be seen from outside:
 * tests/verify/large-file.test.ts has it, and what lives during a step.
 */
const MOST_KEPT_IN_WORKER = 60e6;
const MOST_EVER_IN_WORKER = 250e6;
/** Of all processes of the browser, above what they hold with a small file. */
const MOST_IN_BROWSER = 1e9;
const LOOK_EVERY_MS = 500;

const READ = `
import anndata, json, sys, warnings
warnings.simplefilter("ignore")
a = anndata.read_h5ad(sys.argv[1], backed="r")
embedded = a.obs["teddy_embedded"]
embedding = a.obsm["X_teddy"]
print(json.dumps({
  "shape": list(a.shape),
  "type": str(embedded.dtype),
  "embedded": int(embedded.sum()),
  "byDonor": {k: int(v) for k, v in a.obs["donor_id"][embedded].value_counts().items()},
  "embedding": list(embedding.shape),
  "known": int((embedding == embedding).all(axis=1).sum()),
  "sums": [float(a.X[0].sum()), float(a.X[a.n_obs - 1].sum())],
}))
`;
const SUMS = `
import anndata, json, sys
a = anndata.read_h5ad(sys.argv[1], backed="r")
print(json.dumps([float(a.X[0].sum()), float(a.X[a.n_obs - 1].sum())]))
`;

function python(script: string, path: string): unknown {
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', script, path], { encoding: 'utf8' }));
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;

/** With TEDDY_VERIFY=1 a file that no page could hold; without, the same line over 50 MB. */
describe.each([
  ['Chromium', openChromium],
  ['Firefox', openFirefox],
] as const)('a large file in %s', (name, openBrowser) => {
  let folder = '';
  const large = () => join(folder, 'large.h5ad');
  const small = () => join(folder, 'small.h5ad');
  const report: string[] = [];
  let site: Site;
  let tab: Tab & { readonly page?: Page };
  let browser: ProcessWatch;
  let worker: WorkerMemory | null = null;
  let before = { browser: 0, worker: 0 };

  /** What the worker holds at rest; 0 where it cannot be seen. */
  async function settled(): Promise<number> {
    if (!worker) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      least = Math.min(least, await worker.held());
    }
    return least;
  }

  /** Takes a step and reports how long it took and the most that was held. */
  async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
    browser.peak();
    let inWorker = 0;
    let going = true;
    const look = async () => {
      for (; worker && going; await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS)))
        inWorker = Math.max(inWorker, await worker.held());
    };
    const looking = look();
    const began = performance.now();
    const used = browser.processorSeconds();
    const result = await work().finally(() => {
      going = false;
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const processor = (browser.processorSeconds() - used).toFixed(1);
    await looking;
    const more = {
      browser: browser.peak() - before.browser,
      worker: inWorker - before.worker,
      kept: (await settled()) - before.worker,
    };
    const ofWorker = worker
      ? `, dataset worker +${megabytes(more.worker)}, afterwards +${megabytes(more.kept)}`
      : '';
    report.push(
      `${what} in ${seconds} s, of the processors ${processor} s; browser +${megabytes(more.browser)}${ofWorker}`,
    );
    expect(more.browser).toBeLessThan(MOST_IN_BROWSER);
    expect(more.worker).toBeLessThan(MOST_EVER_IN_WORKER);
    expect(more.kept).toBeLessThan(MOST_KEPT_IN_WORKER);
    return result;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'teddy-large-'));
    const genes = readFileSync(join(embeddedModelFolder(), 'vocab.txt'), 'utf8').trimEnd().split('\n');
    await writeLargeH5ad(large(), { cells: CELLS, stored: STORED, genes });
    await writeLargeH5ad(small(), { cells: 600, stored: STORED, genes });
    site = await serveFolder(await buildSiteIfStale());
    tab = await openBrowser();
    browser = watchProcesses(tab.processId);
    await openWithEngine(tab, site.address, 'wasm');
  });
  afterAll(async () => {
    if (report.length > 0)
      console.log([`${name}, ${(statSync(large()).size / 1e9).toFixed(2)} GB:`, ...report].join('\n  '));
    browser?.stop();
    await worker?.close();
    await tab?.close();
    await site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('holds what any file needs', async () => {
    await tab.giveFile(small());
    await tab.waitFor(byTestId('quality-panel'), 60_000);
    await tab.click('close-file');
    await tab.waitFor(byTestId('drop-zone'));
    worker = tab.page ? await workerMemory(tab.page, 'dataset') : null;
    before = { browser: browser.held(), worker: await settled() };
    report.push(
      `after a small file: browser ${megabytes(before.browser)}${worker ? `, dataset worker ${megabytes(before.worker)}` : ''}`,
    );
  });

  it('is opened and checked', async () => {
    await step('opened', async () => {
      await tab.giveFile(large());
      expect(await tab.text('dataset-shape', 60_000)).toContain(`${CELLS.toLocaleString('en-US')} cells`);
    });
    await step('checked', () => tab.waitFor(byTestId('quality-panel'), PATIENCE));
  });

  it('has cells of all its donors embedded', async () => {
    await tab.click('cells-random');
    await tab.fill('cell-count', String(DRAWN));
    await tab.waitFor(`${byTestId('start-run')}:not([disabled])`);
    await step(`${DRAWN} cells embedded and laid out`, async () => {
      await tab.click('start-run');
      expect(await tab.waitForAny(['run-summary', 'run-error'], PATIENCE)).toBe('run-summary');
    });
    expect(await tab.text('results-shape')).toContain(DRAWN.toLocaleString('en-US'));
  });

  it('is copied with the results added', async () => {
    const path = await step('copied with the results', () =>
      tab.download(async () => {
        await tab.click('export');
        await tab.waitFor(byTestId('export-whole'));
        await tab.click('export-whole');
      }, PATIENCE),
    );
    expect(python(READ, path)).toEqual({
      shape: [CELLS, expect.any(Number)],
      type: 'bool',
      embedded: DRAWN,
      byDonor: Object.fromEntries(
        LARGE_FILE_DONORS.map((donor) => [donor, DRAWN / LARGE_FILE_DONORS.length]),
      ),
      embedding: [CELLS, 128],
      known: DRAWN,
      sums: python(SUMS, large()),
    });
    expect(tab.problems).toEqual([]);
  });
});
