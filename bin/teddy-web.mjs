#!/usr/bin/env node
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Starts the bundled command line. In a clone the bundle is made again when src/ is newer; in an installed
 * package there is no src/ and the bundle is inside.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = join(root, 'dist-cli', 'teddy-web.js');

/** @param {string} folder @returns {number} newest modification time below it, in milliseconds */
function newest(folder) {
  let time = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    time = Math.max(time, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return time;
}

function isStale() {
  if (!existsSync(join(root, 'src'))) return false;
  return !existsSync(bundle) || statSync(bundle).mtimeMs < newest(join(root, 'src'));
}

function canBuild() {
  try {
    createRequire(import.meta.url).resolve('vite/package.json');
    return true;
  } catch {
    return false;
  }
}

if (isStale() && canBuild()) {
  const { buildCli } = await import(pathToFileURL(join(root, 'scripts', 'lib', 'build-cli.mjs')).href);
  await buildCli(root);
}
if (!existsSync(bundle)) {
  console.error('teddy-web is not built: run npm ci in the clone first.');
  process.exit(1);
}
await import(pathToFileURL(bundle).href);
