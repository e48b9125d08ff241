import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newestChange, projectRoot } from './project.mjs';

/** What the site is built from. */
const SOURCES = [
  'src',
  'workers',
  'public',
  'models',
  'scripts/lib',
  'index.html',
  'model.html',
  'vite.config.ts',
  'package-lock.json',
];

/**
 * Builds the site into dist/ unless it is newer than all it is made of.
 * @returns {Promise<string>} the folder
 */
export async function buildSiteIfStale() {
  const output = join(projectRoot, 'dist');
  const built = existsSync(join(output, 'index.html')) ? newestChange([join(output, 'index.html')]) : 0;
  if (built < newestChange(SOURCES.map((path) => join(projectRoot, path)))) {
    const { build } = await import('vite');
    // Under vitest NODE_ENV is "test", and the build would take React's development form.
    const before = process.env.NODE_ENV;
    process.env.NODE_ENV = 'production';
    try {
      await build({ root: projectRoot, configFile: join(projectRoot, 'vite.config.ts'), logLevel: 'warn' });
    } finally {
      if (before === undefined) delete process.env.NODE_ENV;
      else process.env.NODE_ENV = before;
    }
  }
  return output;
}
