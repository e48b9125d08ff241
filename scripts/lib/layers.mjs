/**
 * The layers of docs/architecture.md as data: for each folder, what it may import of ours. A folder may
 * always import itself; `types` are folders of which only types may be imported.
 * @typedef {{ readonly may: readonly string[], readonly types?: readonly string[] }} Layer
 */

const FOUNDATIONS = ['src/model', 'src/gpu', 'src/store'];
const BELOW_RUNS = [
  'src/report',
  'src/train',
  'src/probe',
  'src/speed',
  'src/audit',
  'src/export',
  'src/analysis',
  'src/engine',
  'src/data',
  'src/tokenize',
  ...FOUNDATIONS,
];
const BELOW_PAGE = ['src/run', 'src/worker', ...BELOW_RUNS];

/** @type {Readonly<Record<string, Layer>>} */
export const LAYERS = {
  workers: { may: ['src/app', ...BELOW_PAGE] },
  'src/app': { may: [...BELOW_PAGE, 'workers'] },
  'src/cli': { may: BELOW_PAGE },
  'src/run': { may: BELOW_RUNS, types: ['src/worker'] },
  'src/worker': { may: [], types: ['src/run', ...BELOW_RUNS] },
  'src/report': { may: ['src/probe', 'src/analysis', 'src/model'] },
  'src/train': { may: ['src/probe', 'src/analysis', 'src/engine', 'src/gpu', 'src/model'] },
  'src/probe': { may: ['src/analysis', 'src/engine', 'src/gpu', 'src/model'] },
  'src/audit': { may: ['src/model'], types: ['src/data'] },
  'src/export': { may: ['src/model'], types: ['src/data'] },
  'src/analysis': { may: ['src/model'], types: ['src/data'] },
  'src/speed': { may: ['src/engine', 'src/gpu', 'src/model'] },
  'src/engine': { may: ['src/gpu', 'src/model'] },
  'src/data': { may: ['src/tokenize', 'src/model'] },
  'src/tokenize': { may: ['src/model'] },
  'src/store': { may: ['src/model'] },
  'src/model': { may: [] },
  'src/gpu': { may: [] },
};

/** Packages that only these folders may import: the page's, and Node itself. */
export const PACKAGE_HOMES = [
  {
    pattern: /^(react|react-dom|zustand|@mantine\/.*|@deck\.gl\/.*|@tabler\/.*)(\/|$)/,
    homes: ['src/app'],
  },
  { pattern: /^@observablehq\/plot$/, homes: ['src/app', 'src/report'] },
  { pattern: /^linkedom$/, homes: ['src/cli'] },
  { pattern: /^(node:|webgpu$|h5wasm\/node$)/, homes: ['src/cli'] },
];
