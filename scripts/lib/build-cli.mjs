import { join } from 'node:path';

/**
 * Bundles src/cli/main.ts into dist-cli/teddy-web.js.
 * @param {string} root of the project
 */
export async function buildCli(root) {
  const { build } = await import('vite');
  await build({ root, configFile: join(root, 'vite.cli.config.ts'), logLevel: 'warn' });
}
