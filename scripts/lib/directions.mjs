import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { parseSync } from 'vite';
import { LAYERS, PACKAGE_HOMES } from './layers.mjs';

/**
 * One import as written: `typeOnly` where nothing of it is left at run time.
 * @typedef {{ readonly specifier: string, readonly typeOnly: boolean }} Import
 * @typedef {{ readonly modules: number, readonly violations: readonly string[] }} Report
 */

const CODE = /\.(ts|tsx|mts|js|mjs)$/;

/**
 * Checks every module of the layers below `root`: imports go down the layers only, and there is no cycle.
 * @param {string} root
 * @returns {Report}
 */
export function checkDirections(root) {
  const files = Object.keys(LAYERS).flatMap((folder) => codeFiles(join(root, folder)));
  /** @type {Map<string, string[]>} module → modules it needs at run time */
  const needs = new Map();
  /** @type {string[]} */
  const violations = [];
  for (const file of files) {
    const module = relative(root, file).split(sep).join('/');
    /** @type {string[]} */
    const targets = [];
    for (const { specifier, typeOnly } of importsOf(file)) {
      const problem = specifier.startsWith('.')
        ? internalProblem(root, module, specifier, typeOnly, targets)
        : packageProblem(module, specifier);
      if (problem) violations.push(`${module} → ${specifier}: ${problem}`);
    }
    needs.set(module, targets);
  }
  for (const cycle of cyclesOf(needs)) violations.push(`cycle: ${cycle.join(' → ')}`);
  return { modules: files.length, violations };
}

/** @param {string} folder @returns {string[]} */
function codeFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && CODE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @param {string} file @returns {Import[]} */
function importsOf(file) {
  const source = readFileSync(file, 'utf8');
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0].message}`);
  const imports = module.staticImports.map(({ moduleRequest, entries }) => ({
    specifier: moduleRequest.value,
    typeOnly: entries.length > 0 && entries.every((entry) => entry.isType),
  }));
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, isType } of entries) {
      if (moduleRequest) imports.push({ specifier: moduleRequest.value, typeOnly: isType });
    }
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const text = source.slice(moduleRequest.start, moduleRequest.end);
    const literal = /^(['"`])([^'"`$]*)\1$/.exec(text);
    if (literal) imports.push({ specifier: literal[2], typeOnly: false });
  }
  return imports;
}

/** @param {string} module @returns {string | undefined} the layer a path belongs to */
function layerOf(module) {
  return Object.keys(LAYERS).find((folder) => module.startsWith(`${folder}/`));
}

/**
 * @param {string} root
 * @param {string} module
 * @param {string} specifier
 * @param {boolean} typeOnly
 * @param {string[]} targets takes the module found, where it is needed at run time
 * @returns {string | null} what is wrong
 */
function internalProblem(root, module, specifier, typeOnly, targets) {
  const target = posix.join(dirname(module), specifier.split('?')[0]);
  const path = join(root, target);
  if (!existsSync(path) || !statSync(path).isFile()) return 'no such file';
  if (target === 'package.json') return null;
  const from = layerOf(module);
  const to = layerOf(target);
  if (from === undefined || to === undefined) return 'outside the layers';
  if (!typeOnly && CODE.test(target) && !specifier.includes('?')) targets.push(target);
  const { may, types = [] } = LAYERS[from];
  if (from === to || may.includes(to)) return null;
  if (types.includes(to)) return typeOnly ? null : `${from} may import only types of ${to}`;
  return `${from} may not import ${to}`;
}

/** @param {string} module @param {string} specifier @returns {string | null} */
function packageProblem(module, specifier) {
  const rule = PACKAGE_HOMES.find(({ pattern }) => pattern.test(specifier));
  if (!rule || rule.homes.some((home) => module.startsWith(`${home}/`))) return null;
  return `only ${rule.homes.join(', ')} may import it`;
}

/**
 * Cycles met by a depth-first walk, each as its modules with the first one repeated at the end.
 * @param {ReadonlyMap<string, readonly string[]>} needs
 * @returns {string[][]}
 */
function cyclesOf(needs) {
  /** @type {string[][]} */
  const cycles = [];
  const finished = new Set();
  /** @type {string[]} */
  const path = [];
  /** @param {string} module */
  const walk = (module) => {
    const at = path.indexOf(module);
    if (at >= 0) cycles.push([...path.slice(at), module]);
    if (at >= 0 || finished.has(module)) return;
    path.push(module);
    for (const target of needs.get(module) ?? []) walk(target);
    path.pop();
    finished.add(module);
  };
  for (const module of needs.keys()) walk(module);
  return cycles;
}
