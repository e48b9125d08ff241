import { join } from 'node:path';
import { projectRoot } from '../scripts/lib/project.mjs';
import { moduleLoader } from './load.mjs';

/**
 * `node bench/reading.mjs [FILE.h5ad]`: MB/s and cells/s of reading, QC and tokenizing COMBAT's cells, repeated
 * in an uncompressed file, in one thread; each figure the best of three runs.
 */
const COPIES = 3;
const RUNS = 3;
const shared = process.env.TEDDY_SHARED ?? join(projectRoot, '..', 'shared');
const file = process.argv[2] ?? join(shared, 'data', 'disease', 'combat_covid_6donors_raw.h5ad');

const load = await moduleLoader();
const module = /** @type {typeof import('./reading.ts')} */ (await load('/bench/reading.ts'));
/** @type {import('./reading.ts').ReadingRow[][]} */
const runs = [];
for (let run = 0; run < RUNS; run++) runs.push([...(await module.benchReading(file, COPIES))]);
const best = runs[0].map((first, step) =>
  runs.map((run) => run[step]).reduce((a, b) => (a.processorSeconds <= b.processorSeconds ? a : b), first),
);
/** @param {import('./reading.ts').ReadingRow} row */
const line = ({ step, seconds, processorSeconds, cells, megabytes }) => ({
  step,
  'MB/s': Math.round(megabytes / seconds),
  'cells/s': Math.round(cells / seconds),
  'MB per processor second': Math.round(megabytes / processorSeconds),
  'cells per processor second': Math.round(cells / processorSeconds),
});
const [, quality, tokens] = best;
const both = {
  ...quality,
  step: 'reading + QC, then reading + tokens',
  seconds: quality.seconds + tokens.seconds,
  processorSeconds: quality.processorSeconds + tokens.processorSeconds,
};
console.table([...best, both].map(line));
process.exit(0);
