import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createServer } from 'vite';
import { projectRoot } from '../scripts/lib/project.mjs';

/** `npm run bench`: cells per second of our engines on the sample, as ratios to a peer of the same run. */
const CELLS = 24;

const require = createRequire(join(projectRoot, 'bench', 'peer', 'package.json'));
const peer = await import(pathToFileURL(require.resolve('onnxruntime-node')).href);
const server = await createServer({
  root: projectRoot,
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const module = /** @type {typeof import('./encoder.ts')} */ (await server.ssrLoadModule('/bench/encoder.ts'));
const rows = await module.benchEncoder(
  join(projectRoot, 'public', 'sample', 'combat_600cells.h5ad'),
  CELLS,
  peer.default ?? peer,
);
console.table(
  rows.map(({ engine, device, cellsPerSecond, ratio }) => ({
    engine,
    device,
    'cells/s': cellsPerSecond.toFixed(1),
    ratio: `${ratio.toFixed(2)}x`,
  })),
);
console.log(JSON.stringify(rows));
// Dawn and the runtimes' threads would keep the process alive.
process.exit(0);
