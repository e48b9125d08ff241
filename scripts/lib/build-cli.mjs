import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Bundles src/cli/main.ts into dist-cli/teddy-web.js. The file appears whole, so that several commands
 * started at once may each build it.
 * @param {string} root of the project
 */
export async function buildCli(root) {
  const { build } = await import('vite');
  const unfinished = join(root, 'dist-cli', `unfinished-${process.pid}`);
  try {
    await build({
      root,
      configFile: join(root, 'vite.cli.config.ts'),
      logLevel: 'error',
      build: { outDir: unfinished },
    });
    mkdirSync(join(root, 'dist-cli'), { recursive: true });
    renameSync(join(unfinished, 'teddy-web.js'), join(root, 'dist-cli', 'teddy-web.js'));
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
