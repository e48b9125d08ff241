import type * as Comlink from 'comlink';
import { Connection, splitOptions } from './connection.ts';
import { WorkerDiedError } from './errors.ts';
import { MadeCalls } from './made-calls.ts';

/** What a thread is to us: a browser's Worker, or a MessagePort and a fake in tests. */
export interface Thread {
  readonly endpoint: Comlink.Endpoint;
  /** Calls back once when the thread broke down outside any call. */
  onError(report: (message: string) => void): void;
  terminate(): void;
}

export interface RemoteOptions {
  /** What to call the worker in errors. */
  readonly name: string;
  /** Sent to the worker's `exposeService` before any call. */
  readonly configuration: unknown;
  /**
   * A pending call during which nothing at all is heard (result, progress, heartbeat) for this long
   * means that the thread hangs: it is ended, its calls rejected. Absent = wait for ever.
   */
  readonly silenceMs?: number;
  /**
   * Methods that change the service for the calls after them, each needing those before it: what they were
   * last given is given to a new thread as well, before the first call that needs it. The first of them
   * starts afresh.
   */
  readonly repeat?: readonly string[];
  /** Methods that undo all of `repeat`. */
  readonly forget?: readonly string[];
  /** Told whenever the thread ended by itself; the next call starts a new one. */
  readonly onDeath?: (error: WorkerDiedError) => void;
}

/** A service in another thread. */
export interface RemoteWorker<T> {
  /** Calls cross to the worker; a call after a death starts a new worker, brought to the state of the old one. */
  readonly service: T;
  /** Ends the thread, rejects what is pending, starts a new one. */
  restart(): void;
  /** Ends the thread for good. */
  terminate(): void;
}

/**
 * Starts a module worker from its absolute URL by way of a blob: URL: such a worker inherits the
 * page's `<meta>` Content-Security-Policy, which one started from its own URL does not.
 */
function browserThread(url: string, name: string): Thread {
  const absolute = new URL(url, globalThis.location.href).href;
  const blob = new Blob([`import ${JSON.stringify(absolute)};`], { type: 'text/javascript' });
  const blobUrl = URL.createObjectURL(blob);
  const worker = new Worker(blobUrl, { type: 'module', name });
  return {
    endpoint: worker,
    onError(report) {
      worker.addEventListener('error', (event) => {
        event.preventDefault();
        report(event.message || 'it could not be started');
      });
      worker.addEventListener('messageerror', () => report('a message could not be read'));
    },
    terminate() {
      worker.terminate();
      URL.revokeObjectURL(blobUrl);
    },
  };
}

/** Starts the worker at `url` (from vite's `?worker&url`) and stands for the service it exposes. */
export function startWorker<T extends object>(url: string, options: RemoteOptions): RemoteWorker<T> {
  return connect<T>(() => browserThread(url, options.name), options);
}

/** The same over any kind of thread. */
export function connect<T extends object>(start: () => Thread, options: RemoteOptions): RemoteWorker<T> {
  let connection: Connection | null = null;
  let ended = false;
  const current = (): Connection => {
    if (ended) throw new WorkerDiedError('stopped', options.name, `the ${options.name} worker was ended`);
    connection ??= new Connection(start(), options, (error) => {
      connection = null;
      options.onDeath?.(error);
    });
    return connection;
  };
  const made = new MadeCalls(options.repeat ?? [], options.forget ?? []);
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  const service = new Proxy({} as T, {
    get(_target, property) {
      // A service that looks like a promise would be awaited by whoever returns it.
      if (typeof property !== 'string' || property === 'then') return undefined;
      let method = methods.get(property);
      if (!method) {
        method = async (...args) => {
          const before = made.before(property);
          const answer = await current().call(property, args, before);
          made.answered(property, splitOptions(args).plain);
          return answer;
        };
        methods.set(property, method);
      }
      return method;
    },
  });
  return {
    service,
    restart() {
      connection?.end('stopped', `the ${options.name} worker was restarted`);
      connection = null;
    },
    terminate() {
      ended = true;
      connection?.end('stopped', `the ${options.name} worker was ended`);
      connection = null;
    },
  };
}
