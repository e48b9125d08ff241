import { buildSiteIfStale } from '../../../scripts/lib/build-site.mjs';

/** Builds the site once before the browser tests, when its sources are newer than dist/. */
export default async function buildSite(): Promise<void> {
  await buildSiteIfStale();
}
