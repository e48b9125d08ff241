import { moduleLoader } from './load.mjs';

/** `npm run bench:probe [-- CELLS]`: seconds of logistic regressions on 512 features and 10 classes. */
const cells = Number(process.argv[2] ?? 50_000);

const load = await moduleLoader();
const module = /** @type {typeof import('./probe.ts')} */ (await load('/bench/probe.ts'));
console.table(await module.benchProbe(cells, 512, 10));
// The runtime's threads would keep the process alive.
process.exit(0);
