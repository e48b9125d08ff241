import { moduleLoader } from './load.mjs';

/** `npm run bench:train [-- MODEL CELLS GENES]`: a training step in forward passes, on the first adapter. */
const [model = '10M', cells = '4', genes = '1024'] = process.argv.slice(2);

const load = await moduleLoader();
const module = /** @type {typeof import('./train.ts')} */ (await load('/bench/train.ts'));
console.table(await module.benchTraining(model, Number(cells), Number(genes)));
// Dawn's threads would keep the process alive.
process.exit(0);
