import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { filterFiles } from './site-files.mjs';

/**
 * Bundles src/cli/main.ts into dist-cli/teddy-web.js, with the HDF5 filters beside it in plugins/. Each file
 * appears whole, so that several commands started at once may each build it.
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
    const plugins = join(root, 'dist-cli', 'plugins');
    mkdirSync(plugins, { recursive: true });
    for (const [name, file] of filterFiles(root)) {
      copyFileSync(file, join(unfinished, name));
      renameSync(join(unfinished, name), join(plugins, name));
    }
    renameSync(join(unfinished, 'teddy-web.js'), join(root, 'dist-cli', 'teddy-web.js'));
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
