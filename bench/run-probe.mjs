import { createServer } from 'vite';
import { projectRoot } from '../scripts/lib/project.mjs';

/** `npm run bench:probe [-- CELLS]`: seconds of logistic regressions on 512 features and 10 classes. */
const cells = Number(process.argv[2] ?? 50_000);

const server = await createServer({
  root: projectRoot,
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const module = /** @type {typeof import('./probe.ts')} */ (await server.ssrLoadModule('/bench/probe.ts'));
console.table(await module.benchProbe(cells, 512, 10));
// The runtime's threads would keep the process alive.
process.exit(0);
