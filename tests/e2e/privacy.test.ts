import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import puppeteer, { type Browser, type Page, type WebWorker } from 'puppeteer-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildSiteIfStale } from '../../scripts/lib/build-site.mjs';
import { serveFolder } from '../../scripts/lib/static-server.mjs';
import { chromiumPath } from './support/chromium.ts';
import { firefoxPath } from './support/firefox.ts';
import { byTestId } from './support/tab.ts';

/** A host elsewhere that would take anything: what reaches it has left the machine. */
interface ForeignHost {
  readonly url: string;
  readonly requests: string[];
  close(): void;
}

async function startForeignHost(): Promise<ForeignHost> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.writeHead(200, {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Headers': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
    });
    response.end('taken');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => server.close(),
  };
}

const BROWSERS: Readonly<Record<string, () => Promise<Browser>>> = {
  Chromium: () =>
    puppeteer.launch({
      executablePath: chromiumPath(),
      args: [
        '--no-sandbox',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    }),
  Firefox: () => puppeteer.launch({ browser: 'firefox', executablePath: firefoxPath() }),
};

const HOSTS = [
  { name: 'our server', headers: true, basePath: '/' },
  { name: 'a host without headers, below a sub-path', headers: false, basePath: '/lab/teddy/' },
];

/** What a fetch of `url` came to, as text: evaluated in the page and in its workers. */
const fetchOutcome = (url: string): Promise<string> =>
  fetch(url, { method: 'POST', body: 'counts' }).then(
    () => 'went through',
    () => 'refused',
  );

/** What one worker of the page came to: the address it was started from and its own fetch elsewhere. */
interface WorkerOutcome {
  readonly startedFrom: string;
  readonly outcome: string;
}

/**
 * Runs before the page's own scripts: every worker goes on as the page meant it, and also tries a foreign
 * fetch and tells `probes` what came of it. (Firefox's driver cannot evaluate inside workers.)
 */
function probeWorkers(foreign: string): void {
  const outcomes: WorkerOutcome[] = [];
  Object.assign(globalThis, { workerOutcomes: outcomes });
  new BroadcastChannel('probes').onmessage = ({ data }) => outcomes.push(data as WorkerOutcome);
  const Native = globalThis.Worker;
  globalThis.Worker = class extends Native {
    constructor(url: string | URL, options?: WorkerOptions) {
      const startedFrom = String(url);
      const script = `
        import ${JSON.stringify(startedFrom)};
        const tell = (outcome) => new BroadcastChannel('probes').postMessage({ startedFrom: ${JSON.stringify(startedFrom)}, outcome });
        fetch(${JSON.stringify(`${foreign}/worker`)}).then(() => tell('went through'), () => tell('refused'));`;
      const probed = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
      super(startedFrom.startsWith('blob:') ? probed : url, options);
      if (!startedFrom.startsWith('blob:')) outcomes.push({ startedFrom, outcome: 'not from a blob: URL' });
    }
  };
}

describe.each(Object.keys(BROWSERS))('nothing leaves the machine in %s', (browserName) => {
  let browser: Browser;
  let foreign: ForeignHost;
  let folder: string;
  beforeAll(async () => {
    folder = await buildSiteIfStale();
    foreign = await startForeignHost();
    browser = await BROWSERS[browserName]();
  });
  beforeEach(() => {
    foreign.requests.length = 0;
  });
  afterAll(async () => {
    await browser?.close();
    foreign?.close();
  });

  async function openSite(host: (typeof HOSTS)[number]): Promise<{ page: Page; close: () => Promise<void> }> {
    const site = await serveFolder({ folder, basePath: host.basePath, headers: host.headers });
    const page = await browser.newPage();
    await page.evaluateOnNewDocument(probeWorkers, foreign.url);
    await page.goto(site.url);
    const close = async () => {
      await page.close();
      await site.close();
    };
    return { page, close };
  }

  it('the foreign host is there: without a policy a fetch goes through', async () => {
    const page = await browser.newPage();
    await page.goto(foreign.url);
    expect(await page.evaluate(fetchOutcome, `${foreign.url}/control`)).toBe('went through');
    await page.close();
    expect(foreign.requests).toContain('POST /control');
  });

  it.each(HOSTS)('neither the page nor any of its workers reaches another host, from $name', async (host) => {
    const { page, close } = await openSite(host);
    const workers: WebWorker[] = [];
    page.on('workercreated', (worker) => workers.push(worker));
    workers.push(...page.workers());
    expect(await page.evaluate('globalThis.crossOriginIsolated')).toBe(host.headers);
    expect(await page.evaluate(fetchOutcome, `${foreign.url}/page`)).toBe('refused');

    await page.waitForSelector(byTestId('try-sample'), { timeout: 60_000 });
    await page.click(byTestId('try-sample'));
    await page.waitForSelector(byTestId('dataset-shape'), { timeout: 120_000 });
    const outcomes = (await page.evaluate('workerOutcomes')) as WorkerOutcome[];
    expect(outcomes.length).toBeGreaterThan(0);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(outcomes.map(() => 'refused'));
    if (browserName === 'Chromium') {
      expect(workers.length).toBeGreaterThan(0);
      for (const worker of workers) {
        expect(await worker.evaluate(fetchOutcome, `${foreign.url}/worker`)).toBe('refused');
      }
    }
    await close();
    expect(foreign.requests).toEqual([]);
  });

  it.each(HOSTS)('an image, a beacon, a frame and a socket are refused too, from $name', async (host) => {
    const { page, close } = await openSite(host);
    await page.evaluate(async (url) => {
      const image = new Image();
      const refused = new Promise((resolve) => image.addEventListener('error', resolve));
      image.src = `${url}/image`;
      navigator.sendBeacon(`${url}/beacon`, 'counts');
      const frame = document.createElement('iframe');
      frame.src = `${url}/frame`;
      document.body.append(frame);
      try {
        new WebSocket(`${url.replace('http', 'ws')}/socket`);
      } catch {
        // Firefox throws where Chromium reports an error event.
      }
      await refused;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }, foreign.url);
    await close();
    expect(foreign.requests).toEqual([]);
  });
});
