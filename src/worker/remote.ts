import * as Comlink from 'comlink';
import { fromErrorRecord, WorkerDiedError } from './errors.ts';
import { type Callbacks, type Host, isSignal, type Outcome } from './protocol.ts';

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
  /** Told whenever the thread ended by itself; the next call starts a new one. */
  readonly onDeath?: (error: WorkerDiedError) => void;
}

/** A service in another thread. */
export interface RemoteWorker<T> {
  /** Calls cross to the worker; a call after a death starts a new worker (with an empty service). */
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
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  const service = new Proxy({} as T, {
    get(_target, property) {
      // A service that looks like a promise would be awaited by whoever returns it.
      if (typeof property !== 'string' || property === 'then') return undefined;
      let method = methods.get(property);
      if (!method) {
        method = async (...args) => current().call(property, args);
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

/** One life of a thread and the calls pending in it. */
class Connection {
  readonly #host: Comlink.Remote<Host>;
  readonly #ready: Promise<void>;
  readonly #pending = new Map<number, (error: Error) => void>();
  #died: WorkerDiedError | null = null;
  #jobs = 0;
  #heard = performance.now();
  #watch: ReturnType<typeof setInterval> | null = null;

  constructor(
    private readonly thread: Thread,
    private readonly options: RemoteOptions,
    private readonly onDeath: (error: WorkerDiedError) => void,
  ) {
    const { endpoint } = thread;
    const listening = new Promise<void>((resolve) => {
      endpoint.addEventListener('message', (event) => {
        this.#heard = performance.now();
        const { data } = event as MessageEvent<unknown>;
        if (isSignal(data) && data.teddy === 'ready') resolve();
      });
    });
    thread.onError((message) => this.#die('crashed', `the ${options.name} worker broke down: ${message}`));
    this.#host = Comlink.wrap<Host>(endpoint);
    this.#ready = listening.then(async () => {
      const outcome = await this.#host.start(options.configuration);
      if (!outcome.ok) throw fromErrorRecord(outcome.error);
    });
    this.#ready.catch(() => undefined);
  }

  async call(method: string, args: readonly unknown[]): Promise<unknown> {
    if (this.#died) throw this.#died;
    const { plain, signal, callbacks } = splitOptions(args);
    signal?.throwIfAborted();
    const job = ++this.#jobs;
    let cancel: (() => void) | null = null;
    try {
      return await new Promise<unknown>((resolve, reject) => {
        this.#pending.set(job, reject);
        this.#watchSilence();
        if (signal) {
          cancel = () => {
            reject(signal.reason);
            this.#host.cancel(job).catch(() => undefined);
          };
          signal.addEventListener('abort', cancel);
        }
        this.#ready
          .then(async (): Promise<Outcome | null> => {
            if (signal?.aborted) return null;
            return this.#host.call(
              job,
              method,
              plain,
              signal !== null,
              Object.keys(callbacks ?? {}),
              callbacks && Comlink.proxy(callbacks),
            );
          })
          .then((outcome: Outcome | null) => {
            if (outcome?.ok) resolve(outcome.value);
            else if (outcome) reject(fromErrorRecord(outcome.error));
          })
          .catch(reject);
      });
    } finally {
      if (cancel) signal?.removeEventListener('abort', cancel);
      this.#pending.delete(job);
      if (this.#pending.size === 0) this.#stopWatching();
    }
  }

  end(reason: WorkerDiedError['reason'], message: string): void {
    this.#die(reason, message, false);
  }

  #die(reason: WorkerDiedError['reason'], message: string, report = true): void {
    if (this.#died) return;
    const error = new WorkerDiedError(reason, this.options.name, message);
    this.#died = error;
    this.#stopWatching();
    this.thread.terminate();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    if (report) this.onDeath(error);
    for (const reject of pending) reject(error);
  }

  #watchSilence(): void {
    const { silenceMs, name } = this.options;
    if (silenceMs === undefined || this.#watch !== null) return;
    this.#heard = performance.now();
    this.#watch = setInterval(
      () => {
        if (performance.now() - this.#heard < silenceMs) return;
        this.#die('stalled', `the ${name} worker did not answer for ${Math.round(silenceMs / 1000)} s`);
      },
      Math.min(1000, silenceMs / 4),
    );
  }

  #stopWatching(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
    this.#watch = null;
  }
}

/** Takes signal and functions out of the last argument: neither can be cloned. */
function splitOptions(args: readonly unknown[]): {
  plain: readonly unknown[];
  signal: AbortSignal | null;
  callbacks: Callbacks | null;
} {
  const last = args.at(-1);
  if (typeof last !== 'object' || last === null || Object.getPrototypeOf(last) !== Object.prototype) {
    return { plain: args, signal: null, callbacks: null };
  }
  const plain: Record<string, unknown> = {};
  const callbacks: Record<string, (...args: unknown[]) => unknown> = {};
  let signal: AbortSignal | null = null;
  for (const [key, value] of Object.entries(last)) {
    if (value instanceof AbortSignal) signal = value;
    else if (typeof value === 'function') callbacks[key] = value as (...args: unknown[]) => unknown;
    else plain[key] = value;
  }
  return {
    plain: [...args.slice(0, -1), plain],
    signal,
    callbacks: Object.keys(callbacks).length > 0 ? callbacks : null,
  };
}
