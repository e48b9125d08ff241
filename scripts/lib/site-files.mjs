import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { contentType } from './content-type.mjs';

/**
 * Files of the site that Vite does not know of, by their path below it: the model packages, the two files
 * of onnxruntime-web's runtime and the HDF5 filters. All come from our own origin.
 */

const HDF5_FILTERS = ['blosc', 'blosc2', 'zstd', 'bz2', 'lz4', 'bshuf'];
const RUNTIME_FILES = ['ort-wasm-simd-threaded.wasm', 'ort-wasm-simd-threaded.mjs'];

/**
 * @param {string} root of the project
 * @returns {Map<string, string>} path below the site → file on disk
 */
export function siteFiles(root) {
  const require = createRequire(join(root, 'package.json'));
  const ort = dirname(require.resolve('onnxruntime-web/wasm'));
  const files = new Map();
  for (const name of RUNTIME_FILES) files.set(`ort/${name}`, join(ort, name));
  for (const [name, file] of filterFiles(root)) files.set(`h5-plugins/${name}`, file);
  const models = join(root, 'models');
  if (existsSync(models)) {
    for (const entry of readdirSync(models, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      files.set(file.slice(root.length + 1).replaceAll('\\', '/'), file);
    }
  }
  return files;
}

/**
 * The HDF5 filters we ship: those of h5wasm-plugins, and lzf as scripts/make-lzf-plugin.mjs makes it.
 * @param {string} root of the project
 * @returns {Map<string, string>} file name → file on disk
 */
export function filterFiles(root) {
  const require = createRequire(join(root, 'package.json'));
  const published = join(dirname(require.resolve('h5wasm-plugins')), 'plugins');
  const files = new Map([['libH5Zlzf.so', join(root, 'src', 'cli', 'plugins', 'libH5Zlzf.so')]]);
  for (const name of HDF5_FILTERS) files.set(`libH5Z${name}.so`, join(published, `libH5Z${name}.so`));
  return files;
}

/**
 * Connect middleware that answers with these files (development; the build copies them).
 * @param {string} root of the project
 */
export function serveSiteFiles(root) {
  const files = siteFiles(root);
  return (
    /** @type {import('node:http').IncomingMessage} */ request,
    /** @type {import('node:http').ServerResponse} */ response,
    /** @type {() => void} */ next,
  ) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1);
    const file = files.get(path);
    if (file === undefined) return next();
    response.setHeader('Content-Type', contentType(path));
    response.setHeader('Content-Length', statSync(file).size);
    createReadStream(file).pipe(response);
  };
}
