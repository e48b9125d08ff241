import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { projectRoot } from './project.mjs';

/**
 * @typedef {object} FuzzOptions
 * @property {number} seed
 * @property {number} from first input
 * @property {number} count of inputs
 * @property {number} seconds after which no further process is started
 * @property {string} [family] only its inputs
 * @property {string} [keep] folder for the inputs that failed
 * @property {(done: number) => void} [onProgress]
 *
 * @typedef {object} Failure an input that ended neither in numbers nor in one of our errors, or in other numbers
 *   than those its checksums are of
 * @property {number} index
 * @property {string} seed
 * @property {string} what
 *
 * @typedef {object} SeedTally what became of the inputs made from one seed
 * @property {number} same opened, with the counts of the seed
 * @property {number} other opened, with other counts
 * @property {Record<string, number>} refused by error code
 *
 * @typedef {object} FuzzReport
 * @property {number} done
 * @property {readonly Failure[]} failures
 * @property {ReadonlyMap<string, SeedTally>} tallies
 */

/** An input may take this long on a busy machine; what opens takes milliseconds. */
const SILENCE_MS = 20_000;
/** Resident memory of a process that reads files of a few kilobytes. */
const MOST_BYTES = 1.5 * 2 ** 30;
/** The HDF5 library's memory grows and never shrinks: a new process after so many inputs. */
const BATCH = 500;

/**
 * Bundles tests/fuzz/fuzz.child.ts so that plain Node can run it.
 * @param {string} outDir below node_modules, where it finds the packages
 */
async function buildChild(outDir) {
  await build({
    root: projectRoot,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: { ssr: join(projectRoot, 'tests/fuzz/fuzz.child.ts'), outDir, emptyOutDir: false },
  });
  return join(outDir, 'fuzz.child.js');
}

/**
 * Opens mutated files in processes that are ended when they hang or take too much memory.
 * @param {FuzzOptions} options
 * @returns {Promise<FuzzReport>}
 */
export async function runFuzz({ seed, from, count, seconds, family, keep, onProgress }) {
  const built = join(projectRoot, 'node_modules', '.cache', `teddy-fuzz-${process.pid}`);
  const child = await buildChild(built);
  const folder = mkdtempSync(join(tmpdir(), 'teddy-fuzz-'));
  const corpus = join(folder, 'corpus');
  const ofFamily = family === undefined ? [] : [family];
  try {
    const written = spawnSync(process.execPath, [child, 'write', corpus], { stdio: 'inherit' });
    if (written.status !== 0) throw new Error('the seeds could not be written');
    /** @type {Failure[]} */
    const failures = [];
    /** @type {Map<string, SeedTally>} */
    const tallies = new Map();
    const until = performance.now() + seconds * 1000;
    let next = from;
    while (next < from + count && performance.now() < until) {
      const to = Math.min(next + BATCH, from + count);
      const args = [child, 'read', corpus, join(folder, 'scratch'), seed, next, to, ...ofFamily].map(String);
      const answers = await watch(args);
      rmSync(join(folder, 'scratch'), { recursive: true, force: true });
      for (const answer of answers) {
        tally(tallies, answer);
        const what = failureOf(answer);
        if (what !== null) failures.push({ index: answer.index, seed: answer.seed, what });
        next = answer.index + 1;
      }
      if (answers.length === 0) throw new Error('the process that reads the inputs does not start');
      onProgress?.(next - from);
    }
    for (const { index } of keep === undefined ? [] : failures)
      spawnSync(process.execPath, [child, 'keep', corpus, keep, seed, index, index, ...ofFamily].map(String));
    return { done: next - from, failures, tallies };
  } finally {
    for (const made of [folder, built]) rmSync(made, { recursive: true, force: true });
  }
}

/**
 * @typedef {object} Answer
 * @property {number} index
 * @property {string} seed
 * @property {boolean} checksummed
 * @property {string} outcome `opened`, `refused`, `inconsistent`, `threw`, `hung`, `too much memory`, `died`
 * @property {string} detail
 * @property {boolean | null} same
 */

/**
 * @param {readonly string[]} args
 * @returns {Promise<readonly Answer[]>}
 */
function watch(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--max-old-space-size=1024', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    /** @type {Answer[]} */
    const answers = [];
    /** @type {Pick<Answer, 'index' | 'seed' | 'checksummed'> | null} */
    let current = null;
    let ended = '';
    let said = '';
    /** @param {string} why */
    const end = (why) => {
      ended = why;
      child.kill('SIGKILL');
    };
    let silence = setTimeout(end, SILENCE_MS, 'hung');
    const memory = setInterval(() => {
      if (residentBytes(child.pid) > MOST_BYTES) end('too much memory');
    }, 50);
    child.stderr.on('data', (part) => {
      said = (said + part).slice(-2000);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      clearTimeout(silence);
      silence = setTimeout(end, SILENCE_MS, 'hung');
      // The HDF5 library prints as well.
      if (!line.startsWith('{"index"')) return;
      const message = JSON.parse(line);
      if ('seed' in message) current = message;
      else {
        answers.push({ ...current, ...message });
        current = null;
      }
    });
    child.on('close', (code) => {
      clearTimeout(silence);
      clearInterval(memory);
      if (current)
        answers.push({ ...current, outcome: ended || 'died', detail: ended ? '' : said, same: null });
      else if (code !== 0 && answers.length === 0) process.stderr.write(said);
      resolve(answers);
    });
  });
}

/** @param {number | undefined} pid */
function residentBytes(pid) {
  try {
    return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * A damaged file can keep the HDF5 library itself in a loop; nothing but ending it helps, as the page and
 * `inspect` do after their own time. Such inputs are tallied as `hung` and are no failure of ours.
 * @param {Answer} answer
 */
function failureOf({ seed, checksummed, outcome, detail, same }) {
  if (outcome === 'hung' && /^(h5ad|10x-h5)\//.test(seed)) return null;
  if (checksummed && same === false) return 'other counts, past the checksums over them';
  return outcome === 'opened' || outcome === 'refused' ? null : `${outcome} ${detail}`.trim();
}

/**
 * @param {Map<string, SeedTally>} tallies
 * @param {Answer} answer
 */
function tally(tallies, { seed, outcome, detail, same }) {
  const found = tallies.get(seed) ?? { same: 0, other: 0, refused: {} };
  tallies.set(seed, found);
  if (same === true) found.same++;
  else if (same === false) found.other++;
  else {
    const reason = outcome === 'refused' ? detail : outcome;
    found.refused[reason] = (found.refused[reason] ?? 0) + 1;
  }
}
