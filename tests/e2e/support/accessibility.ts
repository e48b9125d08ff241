import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Tab } from './tab.ts';

/** Violations of WCAG A and AA as "rule: selector". */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'])
    .analyze();
  return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

/**
 * What is on the page now is accessible in light and dark and needs no scrolling sideways on a telephone;
 * NAME-light, -dark and -narrow are its screenshots. The page is light and wide again afterwards.
 */
export async function expectFitToBeSeen(tab: Tab & { readonly page: Page }, name: string): Promise<void> {
  const { page } = tab;
  expect(await violations(page)).toEqual([]);
  await tab.screenshot(`${name}-light`);
  await tab.colorScheme('dark');
  expect(await violations(page)).toEqual([]);
  await tab.screenshot(`${name}-dark`);
  const wide = page.viewportSize() ?? { width: 1280, height: 900 };
  await page.setViewportSize({ width: 400, height: 800 });
  await tab.screenshot(`${name}-narrow`);
  expect(
    await tab.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
  ).toBe(0);
  await page.setViewportSize(wide);
  await tab.colorScheme('light');
}
