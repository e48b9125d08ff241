import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { projectRoot } from './lib/project.mjs';

/**
 * `npm run evaluate`: measures the embedded model (or `--model DIR`, `--models DIR,DIR`) on the public studies and writes
 * docs/evaluation.md. Reads the data of TEDDY_SHARED, or ../shared beside the project; embeddings are kept
 * in .cache/evaluate. Options of `teddy-web evaluate` may follow.
 */
const data = join(resolve(process.env.TEDDY_SHARED ?? join(projectRoot, '..', 'shared')), 'data');
const given = process.argv.slice(2);
if (!given.includes('--data') && !existsSync(data)) {
  console.error(`There are no studies at ${data}: set TEDDY_SHARED, or give --data DIR.`);
  process.exit(1);
}
const { status } = spawnSync(
  process.execPath,
  [join(projectRoot, 'bin', 'teddy-web.mjs'), 'evaluate', '--data', data, ...given],
  { cwd: projectRoot, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
