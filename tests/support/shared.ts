import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe } from 'vitest';

const root = resolve(process.env.TEDDY_SHARED ?? new URL('../../../shared', import.meta.url).pathname);

/** True where the shared fixtures and datasets are at hand; with CI=true their absence is a failure elsewhere. */
export const hasShared = existsSync(root);

/** Absolute path inside the shared folder (fixtures, datasets). */
export function sharedPath(...parts: string[]): string {
  return resolve(root, ...parts);
}

/** A describe block that needs the shared folder and counts as skipped without it. */
export const describeShared = describe.skipIf(!hasShared);
