import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../scripts/lib/project.mjs';
import { moduleLoader } from './load.mjs';

/**
 * `npm run bench [-- --minutes 10] [--where node,chromium] [--adapter lavapipe|swiftshader]`: how fast we are,
 * as ratios to peers of the same run. One adapter after the other, each in a process of its own; the table
 * goes to stdout, the figures to bench/results/.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    where: { type: 'string', default: 'node,chromium' },
    adapter: { type: 'string' },
    child: { type: 'boolean', default: false },
  },
});
const places = values.where.split(',');
const minutes = Number(values.minutes);
if (!(minutes > 0) || places.some((place) => place !== 'node' && place !== 'chromium')) {
  console.error('--minutes is a number above 0, --where node, chromium or both with a comma');
  process.exit(2);
}

if (values.child) {
  await measure(places[0]);
  // Dawn and the runtimes' threads would keep the process alive.
  process.exit(0);
}
let failed = false;
for (const place of places) {
  const wanted = values.adapter === undefined ? [] : ['--adapter', values.adapter];
  const each = ['--child', '--where', place, '--minutes', String(minutes / places.length), ...wanted];
  const { status } = spawnSync(process.execPath, [join(projectRoot, 'bench', 'run.mjs'), ...each], {
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`The bench in ${place} failed; see above.`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);

/** @param {string} place */
async function measure(place) {
  const load = await moduleLoader();
  const drivers = /** @type {typeof import('../src/cli/vulkan-drivers.ts')} */ (
    await load('/src/cli/vulkan-drivers.ts')
  );
  if (values.adapter === 'lavapipe' || values.adapter === 'swiftshader') {
    const driver = drivers.vulkanDriverFile(values.adapter);
    if (driver === null) throw new Error(`the Vulkan driver of ${values.adapter} is not installed`);
    process.env.VK_DRIVER_FILES = driver;
  }
  const lengths = /** @type {typeof import('./lengths.ts')} */ (await load('/bench/lengths.ts'));
  const mixes = await lengths.realMixes(
    process.env.TEDDY_SHARED ?? join(projectRoot, '..', 'shared'),
    join(projectRoot, 'public', 'sample', 'combat_600cells.h5ad'),
  );
  const options = { mixes, minutes, versions: versions() };
  const result =
    place === 'node'
      ? await /** @type {typeof import('./node.ts')} */ (await load('/bench/node.ts')).benchInNode({
          ...options,
          peer: createRequire(join(projectRoot, 'bench', 'peer', 'package.json'))('onnxruntime-node'),
        })
      : await /** @type {typeof import('./chromium.ts')} */ (
          await load('/bench/chromium.ts')
        ).benchInChromium(options);
  const { benchTable } = /** @type {typeof import('./table.ts')} */ (await load('/bench/table.ts'));
  const name = `${result.adapter.name
    .split(/[:(]/)[0]
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')}-${place}`;
  const folder = join(projectRoot, 'bench', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
  console.log(`${benchTable(result)}\n\nbench/results/${name}.json`);
}

/** @returns {Record<string, string>} */
function versions() {
  /** @param {string} path */
  const version = (path) => JSON.parse(readFileSync(join(projectRoot, path), 'utf8')).version;
  return {
    'teddy-web': version('package.json'),
    node: process.version,
    'webgpu (Dawn)': version('node_modules/webgpu/package.json'),
    onnxruntime: version('bench/peer/node_modules/onnxruntime-node/package.json'),
    'onnxruntime-web': version('node_modules/onnxruntime-web/package.json'),
  };
}
