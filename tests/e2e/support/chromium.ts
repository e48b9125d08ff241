import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { processWith } from './processes.ts';
import { screenshotPath } from './screenshots.ts';
import { byTestId, type Tab } from './tab.ts';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/lib/chromium/chromium'];

/** Keeps the browser from looking for its vendor's hosts; without a sandbox it runs as root too. */
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WEBGPU_FLAGS = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** Where Debian's Chromium is. @throws where there is none: a missing browser is a failure, not a skip. */
export function chromiumPath(): string {
  const found = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (!found) throw new Error('Chromium is not installed: scripts/setup-tests.mjs installs it');
  return found;
}

/** A fresh Chromium with an empty profile and one page. */
export async function openChromium({ webgpu = false } = {}): Promise<Tab & { readonly page: Page }> {
  const profile = mkdtempSync(join(tmpdir(), 'teddy-chromium-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    args: [...FLAGS, ...(webgpu ? WEBGPU_FLAGS : [])],
    viewport: { width: 1280, height: 900 },
    colorScheme: 'light',
    acceptDownloads: true,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });

  const tab: Tab = {
    browser: 'chromium',
    processId: processWith(`--user-data-dir=${profile}`),
    problems,
    open: async (address) => {
      await page.goto(address);
    },
    giveFile: async (path) => {
      const box = await page.locator(byTestId('drop-zone')).boundingBox();
      if (!box) throw new Error('there is no drop zone');
      const session = await context.newCDPSession(page);
      const at = { x: box.x + box.width / 2, y: box.y + 20 };
      const data = { items: [], files: [path], dragOperationsMask: 1 };
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
        await session.send('Input.dispatchDragEvent', { type, ...at, data });
      }
      await session.detach();
    },
    click: (testId) => page.locator(byTestId(testId)).first().click(),
    fill: async (testId, value) => {
      const box = page.locator(byTestId(testId));
      await box.fill(value);
      await box.press('Tab');
    },
    choose: async (testId, option) => {
      const item = page.getByRole('option', { name: new RegExp(`^${option}`) }).first();
      const pick = async (attempts: number): Promise<void> => {
        await page.locator(byTestId(testId)).first().click();
        try {
          await item.click({ timeout: 5_000 });
        } catch (error) {
          // Where the page was still moving, the click has closed the list again or missed it.
          if (attempts === 1) throw error;
          await pick(attempts - 1);
        }
      };
      await pick(4);
    },
    text: async (testId, timeout = 30_000) =>
      (await page.locator(byTestId(testId)).first().textContent({ timeout })) ?? '',
    waitForAny: async (testIds, timeout = 30_000) => {
      await page.locator(testIds.map(byTestId).join(', ')).first().waitFor({ timeout });
      for (const testId of testIds) if (await page.locator(byTestId(testId)).count()) return testId;
      return testIds[0];
    },
    waitFor: async (selector, timeout = 30_000) => {
      await page.locator(selector).first().waitFor({ timeout });
    },
    count: (selector) => page.locator(selector).count(),
    evaluate: <T>(script: string) => page.evaluate(script) as Promise<T>,
    download: async (start, timeout = 120_000) => {
      const [download] = await Promise.all([page.waitForEvent('download', { timeout }), start()]);
      return download.path();
    },
    clickAt: async (selector, x, y) => {
      const box = await page.locator(selector).first().boundingBox();
      if (!box) throw new Error(`${selector} is not visible`);
      await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
    },
    colorScheme: async (scheme) => {
      await page.emulateMedia({ colorScheme: scheme });
      // Colours that are still on their way would be measured between the two schemes.
      await page.waitForSelector(`html[data-mantine-color-scheme=${scheme}]`);
      await page.evaluate(
        'new Promise(requestAnimationFrame).then(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)))',
      );
    },
    screenshot: async (name) => {
      await page.screenshot({ path: screenshotPath(name), fullPage: true });
    },
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
  return { ...tab, page };
}
