import * as Comlink from 'comlink';
import { fromErrorRecord, WorkerDiedError } from './errors.ts';
import type { MadeCall } from './made-calls.ts';
import { type Callbacks, type Host, isSignal, type Outcome } from './protocol.ts';
import type { RemoteOptions, Thread } from './remote.ts';

/** One life of a thread and the calls pending in it. */
export class Connection {
  readonly #host: Comlink.Remote<Host>;
  readonly #ready: Promise<void>;
  readonly #pending = new Map<number, (error: Error) => void>();
  #died: WorkerDiedError | null = null;
  #jobs = 0;
  #heard = performance.now();
  #watch: ReturnType<typeof setInterval> | null = null;
  readonly #ended = new AbortController();
  /** Calls that a thread before has answered and this one has been told of again, one after the other. */
  readonly #repeated = new Set<string>();
  #repeating: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly thread: Thread,
    private readonly options: Pick<RemoteOptions, 'name' | 'configuration' | 'silenceMs'>,
    private readonly onDeath: (error: WorkerDiedError) => void,
  ) {
    const { endpoint } = thread;
    const listening = new Promise<void>((resolve) => {
      endpoint.addEventListener('message', (event) => {
        this.#heard = performance.now();
        const { data } = event as MessageEvent<unknown>;
        if (!isSignal(data) || data.teddy !== 'ready') return;
        resolve();
        this.#watchLock(data.lock);
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

  /**
   * @param before calls whose effect this one needs, made before it where this thread has not had them
   * @throws WorkerDiedError, what the service throws, the signal's reason
   */
  async call(method: string, args: readonly unknown[], before: readonly MadeCall[]): Promise<unknown> {
    if (this.#died) throw this.#died;
    const { signal } = splitOptions(args);
    signal?.throwIfAborted();
    if (before.some((made) => !this.#repeated.has(made.method))) await this.#repeat(before, signal);
    const answer = await this.#send(method, args);
    this.#repeated.add(method);
    return answer;
  }

  #repeat(calls: readonly MadeCall[], signal: AbortSignal | null): Promise<unknown> {
    const repeating = this.#repeating
      .catch(() => undefined)
      .then(async () => {
        for (const { method, args } of calls) {
          if (this.#repeated.has(method)) continue;
          await this.#send(method, args);
          this.#repeated.add(method);
        }
      });
    this.#repeating = repeating;
    repeating.catch(() => undefined);
    if (!signal) return repeating;
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      repeating.then(resolve, reject);
    });
  }

  async #send(method: string, args: readonly unknown[]): Promise<unknown> {
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
    this.#ended.abort();
    this.#stopWatching();
    this.thread.terminate();
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    if (report) this.onDeath(error);
    for (const reject of pending) reject(error);
  }

  /**
   * A thread that runs out of memory or closes itself may end without an event; the lock it held is then free.
   */
  #watchLock(lock: string | null): void {
    if (lock === null) return;
    const { signal } = this.#ended;
    const { name } = this.options;
    globalThis.navigator.locks
      .request(lock, { signal }, () => this.#die('crashed', `the ${name} worker ended by itself`))
      .catch(() => undefined);
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
export function splitOptions(args: readonly unknown[]): {
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
