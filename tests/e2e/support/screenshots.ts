import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'test-results';

/** Where the picture of this name is kept. */
export function screenshotPath(name: string): string {
  mkdirSync(FOLDER, { recursive: true });
  return join(FOLDER, `${name}.png`);
}
