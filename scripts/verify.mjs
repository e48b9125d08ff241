import { spawnSync } from 'node:child_process';
import { projectRoot } from './lib/project.mjs';

/**
 * `npm run verify`: the long proofs. All golden cases with the released shapes, on every engine and adapter,
 * the probe against scikit-learn, training against PyTorch, then all tests in their long form (TEDDY_VERIFY=1).
 */
const STEPS = [
  { command: ['npm', 'run', 'golden', '--', '--deep'], environment: {} },
  { command: ['npm', 'run', 'golden', '--', '--probe'], environment: {} },
  { command: ['npm', 'run', 'golden', '--', '--training'], environment: {} },
  { command: ['npm', 'test'], environment: { TEDDY_VERIFY: '1' } },
];

for (const { command, environment } of STEPS) {
  console.log(`\n> ${command.join(' ')}`);
  const { status } = spawnSync(command[0], command.slice(1), {
    cwd: projectRoot,
    stdio: 'inherit',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) process.exitCode = 1;
}
