import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ChildLimits {
  readonly seconds: number;
  readonly bytes: number;
}

/** What a child process left: its output, or why it was ended. */
export type ChildOutcome =
  | { readonly kind: 'answered'; readonly output: string }
  | { readonly kind: 'too-slow' }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'crashed' };

const LOOK_MS = 100;

/**
 * Runs this command line again with other arguments, in a process that is ended when it takes too long
 * or too much memory: a hostile file may loop for ever inside the HDF5 library.
 */
export function runGuarded(args: readonly string[], limits: ChildLimits): Promise<ChildOutcome> {
  const child = spawn(process.execPath, ['--max-old-space-size=4096', process.argv[1], ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let ended: ChildOutcome | null = null;
    const stop = (outcome: ChildOutcome) => {
      ended = outcome;
      end();
    };
    const timer = setTimeout(() => stop({ kind: 'too-slow' }), limits.seconds * 1000);
    const watch = setInterval(() => {
      if (residentBytes(child.pid) > limits.bytes) stop({ kind: 'too-large' });
    }, LOOK_MS);
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.on('error', () => stop({ kind: 'crashed' }));
    child.on('close', () => {
      clearTimeout(timer);
      clearInterval(watch);
      process.removeListener('exit', end);
      const output = Buffer.concat(parts).toString('utf8');
      resolve(ended ?? (output.endsWith('\n') ? { kind: 'answered', output } : { kind: 'crashed' }));
    });
  });
}

/** Memory of a process on Linux; 0 elsewhere, where the time limit alone holds. */
function residentBytes(pid: number | undefined): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return 1024 * Number(kilobytes ?? 0);
  } catch {
    return 0;
  }
}
