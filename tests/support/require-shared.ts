import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Says once that the shared data is missing; with CI=true that is a failure. */
export default function requireShared(): void {
  const shared = resolve(process.env.TEDDY_SHARED ?? new URL('../../../shared', import.meta.url).pathname);
  if (existsSync(shared)) return;
  const sentence = `The shared test data is missing at ${shared} (set TEDDY_SHARED): tests that need it are skipped.`;
  if (process.env.CI === 'true') throw new Error(sentence.replace('are skipped', 'cannot run'));
  if (!process.env.TEDDY_SHARED_REPORTED) console.warn(sentence);
  process.env.TEDDY_SHARED_REPORTED = 'yes';
}
