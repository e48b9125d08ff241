import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../scripts/lib/project.mjs';

/** Installs onnxruntime-node beside the bench, without the CUDA libraries its postinstall would download. */
const folder = join(projectRoot, 'bench', 'peer');
if (!existsSync(join(folder, 'node_modules', 'onnxruntime-node'))) {
  const { status } = spawnSync('npm', ['install', '--no-package-lock', '--omit-lockfile-registry-resolved'], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip', ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip' },
  });
  process.exit(status ?? 1);
}
