import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { describeShared, sharedPath } from '../support/shared.ts';
import { expectFitToBeSeen, violations } from './support/accessibility.ts';
import { openChromium } from './support/chromium.ts';
import { screenshotPath } from './support/screenshots.ts';
import { type Site, serveFolder } from './support/serve.ts';
import { byTestId } from './support/tab.ts';

const KANG = sharedPath('data', 'disease', 'kang_harmony_2000_raw.h5ad');
const STEPS = 4;
const SLOW = 400_000;

type ChromiumTab = Awaited<ReturnType<typeof openChromium>>;

/** Remembers the devices of the train worker, so that the test can destroy one as a driver's crash would. */
const REMEMBER_DEVICES = `
  globalThis.devices = [];
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...options) {
    const device = await request.apply(this, options);
    globalThis.devices.push(device);
    return device;
  };
`;

/** Notes the loss of every step as the page tells it. */
const WATCH_CURVE = `
  window.curve = {};
  new MutationObserver(() => {
    const { step, loss } = document.querySelector('[data-testid=training-view]')?.dataset ?? {};
    if (loss) window.curve[step] = Number(loss);
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['data-step', 'data-loss'] });
`;

/** Names of the folders of models in the browser's private file system. */
const STORED_MODELS = `(async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle('models', { create: true });
  return Array.fromAsync(folder.keys());
})()`;

describeShared('a fine-tuning in Chromium', () => {
  let site: Site;
  let tab: ChromiumTab;
  let uninterrupted: readonly number[] = [];
  let zip: Buffer;

  beforeAll(async () => {
    site = await serveFolder(await buildSiteIfStale());
    tab = await openChromium({ webgpu: true });
    await tab.open(site.address);
  });
  afterAll(async () => {
    await tab?.close();
    await site?.close();
  });

  async function embed(): Promise<void> {
    await tab.waitFor(byTestId('model-name'), 120_000);
    await tab.giveFile(KANG);
    await tab.waitFor(byTestId('quality-panel'), 120_000);
    await tab.click('cells-random');
    await tab.fill('cell-count', '48');
    await tab.fill('cell-seed', '7');
    await tab.waitFor(`${byTestId('start-run')}:not([disabled])`);
    await tab.click('start-run');
    await tab.waitFor(`${byTestId('run-summary')}[data-phase=done]`, SLOW);
  }

  /** A worker that sleeps in shared memory, as the threads of WebAssembly do, never answers. */
  async function trainWorker() {
    const asleep = new Promise<null>((resolve) => setTimeout(resolve, 5_000, null));
    const named = await Promise.all(
      tab.page.workers().map(async (worker) => {
        const name = await Promise.race([worker.evaluate('self.name').catch(() => null), asleep]);
        return name === 'train' ? [worker] : [];
      }),
    );
    const [worker] = named.flat();
    if (!worker) throw new Error('there is no train worker');
    return worker;
  }

  /** The panel alone, at a size that can be read. */
  async function picture(name: string): Promise<void> {
    await tab.page.locator(byTestId('train-panel')).screenshot({ path: screenshotPath(`${name}-panel`) });
  }

  async function start(): Promise<void> {
    await tab.evaluate(WATCH_CURVE);
    await tab.waitFor(`${byTestId('run-training')}:not([disabled])`);
    await tab.click('run-training');
  }

  /** Asks for a pause after the first step, and waits until the step at hand has ended and is kept. */
  async function hold(): Promise<number> {
    await tab.waitFor(`${byTestId('training-view')}:not([data-step="0"])`, SLOW);
    await tab.waitFor(`${byTestId('pause-training')}:not([disabled])`, SLOW);
    await tab.click('pause-training');
    await tab.waitFor(`${byTestId('training-view')}[data-paused=true]`, SLOW);
    await tab.page.getByText(/Checkpoint of step/).waitFor();
    return tab.evaluate<number>('Number(document.querySelector("[data-testid=training-view]").dataset.step)');
  }

  async function finish(): Promise<readonly number[]> {
    await tab.waitFor(byTestId('trained-view'), SLOW);
    const curve = await tab.evaluate<Record<string, number>>('window.curve');
    return Array.from({ length: STEPS }, (_, step) => curve[step + 1] ?? Number.NaN);
  }

  it('is set up on 48 cells of Kang: donors seen in training marked and never a test, memory said', async () => {
    await embed();
    await tab.waitFor(byTestId('train-slow'));
    await tab.choose('train-label', 'condition');
    await tab.choose('train-what', 'the head alone');
    // More genes than the model reads are offered, no fewer; what does not fit is what the box says once it is left.
    const genes = tab.page.getByTestId('train-genes');
    for (const [typed, stands] of [
      ['512', '512'],
      ['4096', '2048'],
      ['100', '256'],
    ]) {
      await genes.fill(typed);
      await genes.blur();
      expect(await genes.inputValue()).toBe(stands);
    }
    await tab.fill('train-epochs', '2');
    await tab.click('train-more');
    await tab.fill('train-batch', '18');
    await tab.page.locator(byTestId('train-expression')).uncheck();
    await tab.waitFor(byTestId('train-donor-table'));
    await tab.page.locator(byTestId('train-sets-mode')).getByText('chosen by me').click();
    for (const [donor, set] of [
      ['101', 'test'],
      ['1039', 'validation'],
      ['107', 'train'],
    ])
      await tab.page.getByLabel(`Set of ${donor}`, { exact: true }).selectOption(set);
    expect(
      await tab.page.getByLabel('Set of 1015', { exact: true }).locator('option[value=test]').isDisabled(),
    ).toBe(true);
    expect(await tab.count(`${byTestId('train-donor-table')} tr[data-seen=true]`)).toBe(5);
    await tab.waitFor(byTestId('train-estimate'), 60_000);
    expect(await tab.text('train-set-counts')).toMatch(
      /36 cells of 6 donors train; 6 cells of 1 donor decide/,
    );
    expect(await tab.text('train-steps')).toBe(String(STEPS));
    await expectFitToBeSeen(tab, 'train-form');
    await picture('train-form');
  });

  it('shows its curves, opens the test once and puts the baselines beside it', async () => {
    await (await trainWorker()).evaluate(REMEMBER_DEVICES);
    await start();
    await tab.waitFor(`${byTestId('plot-training-validation')} svg`, SLOW);
    await picture('training');
    uninterrupted = await finish();
    console.log('losses by step:', uninterrupted);
    expect(uninterrupted.every(Number.isFinite)).toBe(true);
    expect(await tab.text('trained-tested')).toMatch(/6 cells of 1 donor .*not for diagnosis/s);
    const methods = await tab.evaluate<string[]>(
      '[...document.querySelectorAll("[data-testid=trained-test] tbody tr[data-method]")].map(({ dataset }) => dataset.method)',
    );
    expect(methods[0]).toBe('fine-tuned');
    expect(methods).toEqual(expect.arrayContaining(['probe', 'commonest-class']));
    await tab.waitFor(`${byTestId('trained-plots')} ${byTestId('probe-donors')}`);
    await tab.waitFor(`${byTestId('plot-training-loss')} svg`);
    await expectFitToBeSeen(tab, 'trained');
    await picture('trained');
  });

  it('goes on after its GPU device is gone, on the same curve', async () => {
    await start();
    const held = await hold();
    expect(held).toBeGreaterThan(0);
    expect(held).toBeLessThan(STEPS);
    await picture('training-held');
    await (await trainWorker()).evaluate('globalThis.devices.at(-1).destroy()');
    await tab.click('pause-training');
    await tab.page.getByText(/The device was lost in step/).waitFor({ timeout: SLOW });
    expectSame(await finish(), uninterrupted);
  });

  it('goes on after a reload from the checkpoint in this browser, on the same curve', async () => {
    await start();
    const held = await hold();
    const before = await tab.evaluate<Record<string, number>>('window.curve');
    tab.page.once('dialog', (dialog) => void dialog.accept());
    await tab.page.reload();
    await tab.waitFor(byTestId('unfinished-note'));
    expect(await violations(tab.page)).toEqual([]);
    await tab.screenshot('unfinished-note');
    await embed();
    await tab.waitFor(byTestId('unfinished-run'));
    expect(await tab.text('unfinished-run')).toContain(`step ${held} of ${STEPS}`);
    await picture('unfinished');
    await tab.evaluate(`${WATCH_CURVE}; Object.assign(window.curve, ${JSON.stringify(before)})`);
    await tab.click('resume-training');
    expectSame(await finish(), uninterrupted);
    await tab.page.locator(byTestId('unfinished-run')).waitFor({ state: 'detached' });
  });

  it('makes a model that embeds and predicts at once, can be left again, and travels as a zip file', async () => {
    zip = readFileSync(await tab.download(() => tab.click('download-trained')));
    await tab.click('use-trained');
    await tab.waitFor(byTestId('trained-in-use'), SLOW);
    await tab.waitFor(`${byTestId('embed-again')}:not([disabled])`, 60_000);
    await tab.click('embed-again');
    await tab.waitFor(`${byTestId('run-summary')}[data-phase=done]`, SLOW);
    expect(await tab.text('predictions-panel')).toContain('condition');
    await tab.screenshot('trained-in-use');
    expect(await tab.evaluate(STORED_MODELS)).toEqual([]);
    await tab.click('keep-trained');
    await tab.page.getByText('Kept in this browser').first().waitFor();
    expect(await tab.evaluate(STORED_MODELS)).toEqual([
      expect.stringContaining('teddy-g-bootstrap-condition'),
    ]);
    await tab.click('use-original');
    await tab.page.locator(byTestId('trained-in-use')).waitFor({ state: 'detached', timeout: SLOW });
    expect(tab.problems).toEqual([]);
  });

  it('is the model of another tab that its package is dropped into', async () => {
    const page = await tab.page.context().newPage();
    await page.goto(site.address);
    await page.locator(byTestId('model-name')).waitFor({ timeout: 120_000 });
    await page.setInputFiles(`${byTestId('drop-zone')} input`, {
      name: 'model.zip',
      mimeType: 'application/zip',
      buffer: zip,
    });
    await page.getByText('teddy-g-bootstrap-condition').first().waitFor({ timeout: SLOW });
    expect(await page.locator(byTestId('model-what')).textContent()).toContain('fine-tuned to condition');
    await page.close();
  });
});

function expectSame(curve: readonly number[], wanted: readonly number[]): void {
  expect(curve).toHaveLength(wanted.length);
  curve.forEach((loss, step) => {
    const difference = Math.abs(loss - wanted[step]) / Math.abs(wanted[step]);
    expect(difference <= 1e-5, `step ${step + 1}: ${loss} instead of ${wanted[step]}`).toBe(true);
  });
}
