import { expect } from 'vitest';
import type { EngineKind } from '../../../src/engine/engine.ts';
import { type ReadBack, readWithAnndata } from './anndata.ts';
import { byTestId, type Tab } from './tab.ts';

export interface WholeLine {
  readonly engine: EngineKind;
  /** Cells drawn equally from the donors. */
  readonly cells: number;
  /** How long the run may take. */
  readonly timeout: number;
  /** Prefix of the screenshots. */
  readonly name: string;
}

const ENGINE_LABEL: Record<EngineKind, string> = {
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  reference: 'Reference',
};

/** What the page said on the way, and what anndata reads in the export. */
export interface LineResult {
  readonly shape: string;
  readonly summary: string;
  readonly accuracy: string;
  readonly donors: readonly { readonly donor: string; readonly text: string }[];
  readonly exported: ReadBack;
}

/** Opens the page, waits for the embedded model, asks for an engine. */
export async function openWithEngine(tab: Tab, address: string, engine: EngineKind): Promise<void> {
  await tab.open(address);
  await tab.waitFor(byTestId('model-name'), 120_000);
  await tab.choose('engine-select', `${ENGINE_LABEL[engine]} —`);
  await tab.waitFor(byTestId('engine-chip'), 180_000);
  await tab.evaluate(
    `new Promise((done) => { const look = () => document.querySelector('[data-testid=model-loading]') ? setTimeout(look, 50) : done(); setTimeout(look, 100); })`,
  );
  expect(await tab.text('engine-chip')).toContain(ENGINE_LABEL[engine]);
}

/** From the dropped file to the exported one, reading the page as a user does. */
export async function runWholeLine(
  tab: Tab,
  address: string,
  path: string,
  line: WholeLine,
): Promise<LineResult> {
  await openWithEngine(tab, address, line.engine);
  await tab.screenshot(`${line.name}-1-start`);
  await tab.giveFile(path);
  await tab.waitFor(byTestId('quality-panel'), 120_000);
  const shape = await tab.text('dataset-shape');
  await tab.click('cells-random');
  await tab.fill('cell-count', String(line.cells));
  await tab.fill('cell-seed', '7');
  await tab.waitFor(`${byTestId('start-run')}:not([disabled])`);
  await tab.screenshot(`${line.name}-2-preflight`);
  await tab.click('start-run');
  await tab.waitFor(byTestId('scatter'), line.timeout);
  await tab.screenshot(`${line.name}-3-running`);
  const end = await tab.waitForAny(['run-summary', 'run-error'], line.timeout);
  if (end === 'run-error') throw new Error(await tab.text('run-error'));
  await tab.waitFor(`${byTestId('scatter')}[data-view="umap"]`);
  const summary = await tab.text('run-summary');
  const accuracy = await tab.text('accuracy');
  await tab.waitFor(`${byTestId('donor-table')} tbody tr`);
  const donors = await tab.evaluate<LineResult['donors']>(
    `[...document.querySelectorAll('[data-testid=donor-table] tbody tr')].map((row) => ({ donor: row.dataset.donor, text: row.innerText.replace(/\\s+/g, ' ') }))`,
  );
  await tab.screenshot(`${line.name}-4-results`);
  const file = await tab.download(async () => {
    await tab.click('export');
    await tab.waitFor(byTestId('export-h5ad'));
    await tab.click('export-h5ad');
  });
  return { shape, summary, accuracy, donors, exported: readWithAnndata(file) };
}

/** What holds for every engine and browser once `cells` cells of the six COMBAT donors are through. */
export function expectWholeLine({ shape, donors, exported }: LineResult, cells: number): void {
  expect(shape).toContain('4,591 cells');
  expect(donors.map(({ donor }) => donor)).toEqual([
    'H00049',
    'H00053',
    'S00006',
    'S00016',
    'S00040',
    'S00043',
  ]);
  for (const { donor, text } of donors) {
    const seen = ['H00049', 'S00016', 'S00040'].includes(donor);
    expect(text.includes('seen in training'), donor).toBe(seen);
    if (text.includes('COVID-19 ')) expect(text).toContain('one study only');
  }
  expect(exported.n).toBe(cells);
  expect(exported.obsm.X_teddy).toEqual([[cells, 128], 'float32']);
  expect(exported.obsm.X_teddy_umap).toEqual([[cells, 2], 'float32']);
  expect(exported.obs.teddy_disease).toBe('category');
  expect(exported.obs).toHaveProperty('donor_id');
  expect(exported.obs).toHaveProperty('teddy_withheld');
  expect(exported.rows).toEqual([...exported.rows].sort((a, b) => a - b));
  expect(exported.uns.model).toBe('teddy-g-bootstrap');
  expect(exported.colors).toContain('teddy_disease_colors');
}
