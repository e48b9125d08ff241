import * as Comlink from 'comlink';
import { toErrorRecord } from './errors.ts';
import type { Callbacks, Host, Outcome, Signal } from './protocol.ts';

/** How often a worker says that its event loop turns. */
const HEARTBEAT_MS = 1000;

export interface HostOptions {
  /**
   * Methods whose results are handed over instead of copied; only where the service keeps no
   * reference to any array in them.
   */
  readonly transfer?: readonly string[];
  /** The thread's end of the channel; default: the worker's own scope. */
  readonly endpoint?: Comlink.Endpoint;
}

/**
 * The worker's side: makes a service from the configuration the page sends and answers its calls.
 * Options of a call (its last argument) get an AbortSignal and callbacks that lead back to the page.
 */
export function exposeService<Configuration>(
  create: (configuration: Configuration) => object | Promise<object>,
  { transfer = [], endpoint = globalThis as unknown as Comlink.Endpoint }: HostOptions = {},
): void {
  const jobs = new Map<number, AbortController>();
  let service: object | null = null;

  const host: Host = {
    async start(configuration) {
      try {
        service = await create(configuration as Configuration);
        return { ok: true, value: null };
      } catch (error) {
        return { ok: false, error: toErrorRecord(error) };
      }
    },

    async call(job, method, args, cancellable, names, callbacks) {
      const controller = new AbortController();
      jobs.set(job, controller);
      try {
        const value: unknown = await invoke(
          service,
          method,
          withOptions(args, cancellable ? controller.signal : null, names, callbacks),
        );
        const outcome: Outcome = { ok: true, value };
        return transfer.includes(method) ? Comlink.transfer(outcome, buffersOf(value)) : outcome;
      } catch (error) {
        return { ok: false, error: toErrorRecord(error) };
      } finally {
        jobs.delete(job);
        release(callbacks);
      }
    },

    cancel(job) {
      jobs.get(job)?.abort(new DOMException('cancelled', 'AbortError'));
    },
  };

  Comlink.expose(host, endpoint);
  const say = (signal: Signal) => endpoint.postMessage(signal);
  setInterval(() => say({ teddy: 'alive' }), HEARTBEAT_MS);
  const { locks } = globalThis.navigator ?? {};
  if (!locks) {
    say({ teddy: 'ready', lock: null });
    return;
  }
  const lock = `teddy-web:worker:${crypto.randomUUID()}`;
  locks
    .request(lock, () => {
      say({ teddy: 'ready', lock });
      return new Promise<never>(() => undefined);
    })
    .catch(() => say({ teddy: 'ready', lock: null }));
}

async function invoke(service: object | null, method: string, args: readonly unknown[]): Promise<unknown> {
  if (service === null) throw new Error('the service of this worker has not been started');
  const found: unknown = Reflect.get(service, method);
  if (typeof found !== 'function' || Reflect.has(Object.prototype, method)) {
    throw new TypeError(`the service has no method ${method}`);
  }
  return Reflect.apply(found, service, args);
}

/** The arguments with signal and callbacks put back into the last one. */
function withOptions(
  args: readonly unknown[],
  signal: AbortSignal | null,
  names: readonly string[],
  callbacks: Callbacks | null,
): readonly unknown[] {
  if (!signal && !callbacks) return args;
  const last = args.at(-1);
  const given = Object.fromEntries(
    names.map((name) => [
      name,
      (...values: unknown[]) => {
        // The page's answer is not waited for; if it is gone, so is the one who asked.
        Promise.resolve(callbacks?.[name](...values)).catch(() => undefined);
      },
    ]),
  );
  const options = { ...(typeof last === 'object' ? last : {}), ...given, ...(signal ? { signal } : {}) };
  return [...args.slice(0, -1), options];
}

function release(callbacks: Callbacks | null): void {
  const proxy = callbacks as { [Comlink.releaseProxy]?: () => void } | null;
  proxy?.[Comlink.releaseProxy]?.();
}

/** Every distinct ArrayBuffer under plain objects, arrays and typed arrays. */
export function buffersOf(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (Array.isArray(value)) {
    if (typeof value[0] === 'object') for (const item of value) buffersOf(item, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) buffersOf(item, found);
  }
  return [...found];
}
