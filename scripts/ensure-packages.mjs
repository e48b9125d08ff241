import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './lib/project.mjs';

/**
 * Runs before `npm start`, `npm test` and others: installs the packages of package-lock.json when they are
 * missing or older than it. Plain Node: nothing is installed yet when it runs.
 */
const installed = join(projectRoot, 'node_modules', '.package-lock.json');
const wanted = join(projectRoot, 'package-lock.json');
const upToDate = existsSync(installed) && statSync(installed).mtimeMs + 1000 >= statSync(wanted).mtimeMs;
const unfinished = !existsSync(join(projectRoot, 'node_modules', 'vite', 'package.json'));

if (unfinished || !upToDate) {
  console.error('Installing the packages of package-lock.json (npm ci) …');
  const { status } = spawnSync('npm', ['ci'], { cwd: projectRoot, stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error('npm ci failed; see above. It needs the network once.');
    process.exit(status ?? 1);
  }
}
