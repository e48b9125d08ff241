import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { moduleLoader } from '../bench/load.mjs';
import { projectRoot } from './lib/project.mjs';

/**
 * `npm run studies`: trains one small model with and without labels and on shares of the training cells, three seeds
 * each, probes every one frozen, and writes docs/training-studies.md. All through the command line. What is in
 * .cache/studies already is left alone, so that an interrupted run goes on. `--steps`, `--cells` (a study) and
 * `--seeds` are for a trial, which needs an `--out` of its own.
 */
const { values } = parseArgs({
  options: {
    data: {
      type: 'string',
      default: join(process.env.TEDDY_SHARED ?? join(projectRoot, '..', 'shared'), 'data'),
    },
    cache: { type: 'string', default: join(projectRoot, '.cache', 'studies') },
    out: { type: 'string' },
    seeds: { type: 'string', default: '1,2,3' },
    steps: { type: 'string' },
    cells: { type: 'string' },
  },
});

/** @type {readonly (import('./lib/training-studies-page.mjs').StudyQuestion & { readonly file: string, readonly column: string })[]} */
const QUESTIONS = [
  {
    id: 'velmeshev-cell-type',
    title: 'Velmeshev, cell type',
    file: 'disease/velmeshev_asd_pfc_23donors_raw.h5ad',
    column: 'cell_type',
    labels: 'as the authors named them',
    derived: false,
  },
  {
    id: 'combat-cell-type',
    title: 'COMBAT, cell type',
    file: 'disease/combat_covid_6donors_raw.h5ad',
    column: 'cell_type_predicted',
    labels: 'derived, not the authors’ own',
    derived: true,
  },
  {
    id: 'kang-stimulation',
    title: 'Kang, stimulation',
    file: 'disease/kang_harmony_2000_raw.h5ad',
    column: 'condition',
    labels: 'the experiment, with or without interferon-β',
    derived: false,
  },
];

/** A rate at which float32 weights stay as they were drawn. */
const NO_LEARNING_RATE = 1e-30;

const trial = values.steps !== undefined || values.cells !== undefined;
if (trial && values.out === undefined) fail('a trial (--steps, --cells) needs --out FILE.md of its own');
const data = resolve(values.data);
if (!existsSync(data)) fail(`there are no studies at ${data}: set TEDDY_SHARED, or give --data DIR`);
const out = values.out ?? join(projectRoot, 'docs', 'training-studies.md');
const seeds = values.seeds.split(',').map(Number);
const config = configuration();
const { version } = json(join(projectRoot, 'package.json'));
// Models of another configuration, version or data are other models.
const hash = sha256(JSON.stringify([config, version, hashesOfData()])).slice(0, 12);
const folder = join(resolve(values.cache), hash);
const models = join(folder, 'models');
mkdirSync(models, { recursive: true });

sweep(config, '--lambda', '0,1');
sweep(config, '--lambda', '1', '--share', '0.25,0.5');
sweep(untrained(config), '--lambda', '1');
const { name } = config;
const trained = [
  ...seeds.map((seed) => measured(`${name}-lambda-0-seed-${seed}`, 'trained', 0, 1, seed)),
  ...[0.25, 0.5].flatMap((share) =>
    seeds.map((seed) => measured(`${name}-lambda-1-share-${share}-seed-${seed}`, 'trained', 1, share, seed)),
  ),
  ...seeds.map((seed) => measured(`${name}-lambda-1-seed-${seed}`, 'trained', 1, 1, seed)),
  ...seeds.map((seed) => measured(`${name}-untrained-lambda-1-seed-${seed}`, 'untrained', 1, 1, seed)),
];
const { shape } = config.base;
// The page reuses our TypeScript, which Node does not read by itself.
const load = await moduleLoader();
const { studiesPage } = /** @type {typeof import('./lib/training-studies-page.mjs')} */ (
  await load('/scripts/lib/training-studies-page.mjs')
);
writeFileSync(
  out,
  studiesPage(trained, {
    date: new Date().toISOString().slice(0, 10),
    command: 'npm run studies',
    version,
    shape: `TEDDY-X, ${shape.nLayers} layers, width ${shape.dModel}, ${shape.nHeads} heads, first ${shape.maxPositionEmbeddings} genes of a cell, ${shape.bins} bins`,
    cellsPerStep: config.batches.cells,
    device: json(join(models, `${name}-lambda-1-seed-${seeds[0]}`, 'training.json')).engine.device,
    trial,
    questions: QUESTIONS,
  }),
);
console.log(`${out}: ${trained.length} models`);
// Vite would keep the process alive.
process.exit(0);

/** Path → SHA-256 of every file that is trained on or asked about. @returns {readonly (readonly [string, string])[]} */
function hashesOfData() {
  const trainedOn = config.data.flatMap((/** @type {{ files: readonly string[] }} */ { files }) => files);
  const files = [...new Set([...trainedOn, ...QUESTIONS.map(({ file }) => file)])].sort();
  return files.map((file) => [file, sha256(readFileSync(join(data, file)))]);
}

function sha256(/** @type {string | Buffer} */ content) {
  return createHash('sha256').update(content).digest('hex');
}

/** The committed configuration; of a trial with fewer steps and cells. */
function configuration() {
  const read = json(join(projectRoot, 'models', 'training', 'study-x.json'));
  if (values.steps !== undefined) read.maxSteps = Number(values.steps);
  if (values.cells !== undefined) {
    for (const study of read.data)
      study.cells = { kind: 'random', count: Number(values.cells), seed: 0, balanceBy: study.donorColumn };
  }
  return read;
}

/** The same model after one step that changes nothing: what a probe makes of random weights. */
function untrained(/** @type {any} */ given) {
  const optimiser = { ...given.optimiser, learningRate: NO_LEARNING_RATE };
  return { ...given, name: `${given.name}-untrained`, maxSteps: 1, optimiser };
}

function sweep(/** @type {any} */ of, /** @type {readonly string[]} */ ...options) {
  const path = join(folder, `${of.name}.json`);
  writeFileSync(path, `${JSON.stringify(of, null, 1)}\n`);
  teddy(
    'pretrain',
    ...['--config', path, '--data', data, '--out', models, '--checkpoints', join(folder, 'checkpoints')],
    ...['--seeds', values.seeds, '--resume', ...options],
  );
}

/**
 * @param {string} model @param {'trained' | 'untrained'} kind
 * @param {number} lambda @param {number} share @param {number} seed
 * @returns {import('./lib/training-studies-page.mjs').StudyModel}
 */
function measured(model, kind, lambda, share, seed) {
  const record = json(join(models, model, 'training.json'));
  const { all } = record.held_out_masked_gene_loss_nats;
  return {
    kind,
    lambda,
    share,
    seed,
    cells: record.cells_in_training_set,
    steps: record.steps,
    seconds: record.training_seconds,
    hidden: {
      loss: all.masked_gene_loss,
      frequencies: all.gene_frequencies_of_the_study,
      tokens: all.tokens,
    },
    probes: Object.fromEntries(QUESTIONS.map((question) => [question.id, probed(model, question)])),
  };
}

/** @param {string} model @param {(typeof QUESTIONS)[number]} question */
function probed(model, { id, file, column }) {
  const probes = join(folder, 'probes', model, id);
  const report = join(probes, 'report.json');
  if (!existsSync(report)) {
    teddy(
      'probe',
      join(data, file),
      ...['--label', column, '--groups', 'donor_id', '--model', join(models, model), '--out', probes],
      ...['--engine', 'wasm', '--c', '1', '--permutations', '0', '--resamples', '0', '--no-expression'],
      ...(values.cells === undefined ? [] : ['--cells', values.cells]),
    );
  }
  const { evaluation } = json(report);
  const probe = evaluation.methods.find((/** @type {{ id: string }} */ method) => method.id === 'probe');
  return {
    balancedAccuracy: probe.metrics.balancedAccuracy,
    cells: evaluation.tested,
    donors: evaluation.testedGroups,
    classes: evaluation.classes.length,
  };
}

function teddy(/** @type {readonly string[]} */ ...words) {
  const bin = join(projectRoot, 'bin', 'teddy-web.mjs');
  const { status } = spawnSync(process.execPath, [bin, ...words], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function json(/** @type {string} */ path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** @param {string} sentence @returns {never} */
function fail(sentence) {
  console.error(`${sentence}.`);
  process.exit(1);
}
