import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type ElementHandle } from 'puppeteer-core';
import { screenshotPath } from './screenshots.ts';
import { byTestId, type Tab } from './tab.ts';
import { startXvfb } from './xvfb.ts';

const PLACES = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const LAVAPIPE = '/usr/share/vulkan/icd.d/lvp_icd.json';

/** Where Debian's Firefox is. @throws where there is none. */
export function firefoxPath(): string {
  const found = process.env.FIREFOX ?? PLACES.find((place) => existsSync(place));
  if (!found) throw new Error('Firefox is not installed: scripts/setup-tests.mjs installs it');
  return found;
}

/** A fresh headed Firefox on a screen of its own, WebGPU on lavapipe. */
export async function openFirefox(): Promise<Tab> {
  const display = await startXvfb();
  const downloads = mkdtempSync(join(tmpdir(), 'teddy-firefox-'));
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: firefoxPath(),
    headless: false,
    protocolTimeout: 600_000,
    defaultViewport: { width: 1280, height: 900 },
    env: {
      ...process.env,
      DISPLAY: display.name,
      XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? downloads,
      VK_DRIVER_FILES: LAVAPIPE,
      MOZ_DISABLE_CONTENT_SANDBOX: '1',
    },
    extraPrefsFirefox: {
      'dom.webgpu.enabled': true,
      'gfx.webgpu.ignore-blocklist': true,
      'gfx.webgpu.force-enabled': true,
      'webgl.force-enabled': true,
      'browser.download.folderList': 2,
      'browser.download.dir': downloads,
      'browser.download.useDownloadDir': true,
      'browser.download.always_ask_before_handling_new_types': false,
      'browser.helperApps.neverAsk.saveToDisk': 'application/octet-stream',
      'ui.prefersReducedMotion': 1,
    },
  });
  const processId = browser.process()?.pid;
  if (processId === undefined) throw new Error('Firefox did not start');
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  const find = async (selector: string, timeout = 30_000): Promise<ElementHandle<Element>> => {
    const found = await page.waitForSelector(selector, { timeout });
    if (!found) throw new Error(`${selector} did not appear`);
    return found;
  };
  // A click by coordinates misses what a smooth scroll still moves; the element's own click does not.
  const press = async (selector: string) => {
    const element = await find(selector);
    await element.evaluate((node) => (node as HTMLElement).click());
  };

  return {
    browser: 'firefox',
    processId,
    problems,
    open: async (address) => {
      await page.goto(address);
    },
    giveFile: async (path) => {
      const input = (await find(
        `${byTestId('drop-zone')} input[type=file]`,
      )) as ElementHandle<HTMLInputElement>;
      await input.uploadFile(path);
    },
    click: (testId) => press(byTestId(testId)),
    fill: async (testId, value) => {
      const box = await find(byTestId(testId));
      await box.focus();
      await page.keyboard.down('Control');
      await page.keyboard.press('a');
      await page.keyboard.up('Control');
      await page.keyboard.type(value);
      await page.keyboard.press('Tab');
    },
    choose: async (testId, option) => {
      const box = await find(byTestId(testId));
      await box.click();
      await page.waitForFunction(
        (text) =>
          [...document.querySelectorAll('[role=option]')].some((node) => node.textContent?.startsWith(text)),
        {},
        option,
      );
      await page.evaluate((text) => {
        const options = [...document.querySelectorAll<HTMLElement>('[role=option]')];
        options.find((node) => node.textContent?.startsWith(text))?.click();
      }, option);
    },
    text: async (testId, timeout) =>
      (await find(byTestId(testId), timeout)).evaluate((node) => node.textContent),
    waitForAny: async (testIds, timeout) => {
      await find(testIds.map(byTestId).join(', '), timeout);
      for (const testId of testIds) if (await page.$(byTestId(testId))) return testId;
      return testIds[0];
    },
    waitFor: async (selector, timeout) => {
      await find(selector, timeout);
    },
    count: async (selector) => (await page.$$(selector)).length,
    evaluate: <T>(script: string) => page.evaluate(script) as Promise<T>,
    download: async (start, timeout = 120_000) => {
      const before = new Set(readdirSync(downloads));
      await start();
      const until = Date.now() + timeout;
      while (Date.now() < until) {
        const names = readdirSync(downloads);
        const fresh = names.find((name) => !before.has(name) && !name.endsWith('.part'));
        if (fresh && !names.some((name) => name.endsWith('.part'))) return join(downloads, fresh);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      throw new Error('nothing was downloaded');
    },
    clickAt: async (selector, x, y) => {
      const box = await (await find(selector)).boundingBox();
      if (!box) throw new Error(`${selector} is not visible`);
      await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
    },
    colorScheme: async (scheme) => {
      const dark = await page.$(byTestId('color-scheme'));
      const now = await page.evaluate(() => document.documentElement.dataset.mantineColorScheme);
      if (now !== scheme) await dark?.evaluate((node) => (node as HTMLElement).click());
    },
    screenshot: async (name) => {
      await page.screenshot({ path: screenshotPath(name) as `${string}.png`, fullPage: true });
    },
    close: async () => {
      await browser.close();
      display.close();
      rmSync(downloads, { recursive: true, force: true });
    },
  };
}
