import { createRequire } from 'node:module';
import { projectRoot } from './lib/project.mjs';

/**
 * Bundles the command line into dist-cli/. With `--if-possible` (npm's prepare) it steps aside where the
 * development packages are not installed.
 */
const { resolve } = createRequire(import.meta.url);
let hasVite = true;
try {
  resolve('vite/package.json');
} catch {
  hasVite = false;
}

if (hasVite) {
  const { buildCli } = await import('./lib/build-cli.mjs');
  await buildCli(projectRoot);
} else if (process.argv.includes('--if-possible')) {
  console.error('teddy-web: the command line was not built, because Vite is not installed here.');
} else {
  console.error('teddy-web: building the command line needs the development packages: run npm ci.');
  process.exitCode = 1;
}
