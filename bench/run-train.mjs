import { createServer } from 'vite';
import { projectRoot } from '../scripts/lib/project.mjs';

/** `npm run bench:train [-- MODEL CELLS GENES]`: a training step in forward passes, on the first adapter. */
const [model = '10M', cells = '4', genes = '1024'] = process.argv.slice(2);

const server = await createServer({
  root: projectRoot,
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const module = /** @type {typeof import('./train.ts')} */ (await server.ssrLoadModule('/bench/train.ts'));
console.table(await module.benchTraining(model, Number(cells), Number(genes)));
// Dawn's threads would keep the process alive.
process.exit(0);
