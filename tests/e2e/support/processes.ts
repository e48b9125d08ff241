import { readdirSync, readFileSync } from 'node:fs';

/** Samples taken a second of what a browser holds. */
const SAMPLES = 4;

/** Ticks of the kernel's clock in a second. */
const TICKS = 100;

/** What a browser takes, all its processes together. */
export interface ProcessWatch {
  /** Bytes held now. */
  held(): number;
  /** The most bytes held since this was last asked. */
  peak(): number;
  /** Seconds of the processors used so far by the processes that are still there. */
  processorSeconds(): number;
  stop(): void;
}

/**
 * Watches a process and all that descend from it (Linux). Memory is the proportional set size, which counts
 * a page that several processes share once.
 */
export function watchProcesses(root: number): ProcessWatch {
  let most = 0;
  const held = () => {
    const now = descendants(root).reduce((sum, pid) => sum + proportional(pid), 0);
    most = Math.max(most, now);
    return now;
  };
  const timer = setInterval(held, 1000 / SAMPLES);
  return {
    held,
    peak() {
      held();
      const peak = most;
      most = 0;
      return peak;
    },
    processorSeconds: () => descendants(root).reduce((sum, pid) => sum + ticks(pid), 0) / TICKS,
    stop: () => clearInterval(timer),
  };
}

/** The process of this command line that no other of them started. @throws where there is none */
export function processWith(argument: string): number {
  const found = processes().find((pid) => {
    const parts = (read(pid, 'cmdline') ?? '').split('\0');
    return parts.includes(argument) && !parts.some((part) => part.startsWith('--type='));
  });
  if (found === undefined) throw new Error(`no process was started with ${argument}`);
  return found;
}

function descendants(root: number): number[] {
  const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]));
  const family = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid, parent] of parents) {
      if (parent === null || family.has(pid) || !family.has(parent)) continue;
      family.add(pid);
      grown = true;
    }
  }
  return [...family];
}

function processes(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

function parentOf(pid: number): number | null {
  const parent = status(pid)?.[1];
  return parent === undefined ? null : Number(parent);
}

/** Of the processors, spent in the program and for it in the kernel. */
function ticks(pid: number): number {
  const fields = status(pid);
  return fields ? Number(fields[11]) + Number(fields[12]) : 0;
}

/** What the kernel says of a process, from its state on (the third field of /proc/PID/stat); null where it is gone. */
function status(pid: number): readonly string[] | null {
  // The name before, in parentheses, may hold anything.
  return read(pid, 'stat')?.split(') ').at(-1)?.split(' ') ?? null;
}

function proportional(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(read(pid, 'smaps_rollup') ?? '')?.[1];
  return 1024 * Number(kilobytes ?? 0);
}

/** A file of a process; null where it is gone. */
function read(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}
