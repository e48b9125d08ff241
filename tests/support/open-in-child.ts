import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const project = fileURLToPath(new URL('../../', import.meta.url));
const outDir = join(project, 'node_modules', '.cache', 'teddy-tests');

export interface FileOutcome {
  readonly path: string;
  /** `opened`, a DataErrorCode, `threw` (not a DataError), `timeout`, or `died` (the process ended). */
  readonly outcome: string;
  readonly message: string;
}

/** Bundles open-files.child.ts so that plain Node can run it. */
export async function buildChild(): Promise<string> {
  await build({
    root: project,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: { ssr: join(project, 'tests/support/open-files.child.ts'), outDir, emptyOutDir: false },
  });
  return join(outDir, 'open-files.child.js');
}

/**
 * Opens files in a process of their own, which is killed when one takes longer than the limit: hostile files
 * may hang or break the library. After either a new process goes on with the next file.
 */
export async function openInChild(
  script: string,
  paths: readonly string[],
  limitMilliseconds: number,
): Promise<readonly FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  while (outcomes.length < paths.length) {
    const rest = paths.slice(outcomes.length);
    const answers = await runChild(script, rest, limitMilliseconds);
    outcomes.push(...answers.map((answer, i) => ({ path: rest[i], ...answer })));
  }
  return outcomes;
}

type Answer = Omit<FileOutcome, 'path'>;

function runChild(script: string, paths: readonly string[], limit: number): Promise<readonly Answer[]> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...paths], { stdio: ['ignore', 'pipe', 'ignore'] });
    const answers: Answer[] = [];
    let timedOut = false;
    const kill = () => {
      timedOut = true;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(kill, limit);
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{"outcome"')) return;
      answers.push(JSON.parse(line) as Answer);
      clearTimeout(timer);
      timer = setTimeout(kill, limit);
    });
    child.on('close', () => {
      clearTimeout(timer);
      const settled = answers.at(-1)?.outcome;
      const stopped = settled === 'crashed' || settled === 'threw';
      if (timedOut) answers.push({ outcome: 'timeout', message: '' });
      else if (answers.length < paths.length && !stopped) answers.push({ outcome: 'died', message: '' });
      resolve(answers);
    });
  });
}
