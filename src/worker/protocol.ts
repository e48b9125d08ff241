import type { ErrorRecord } from './errors.ts';

/** Functions of a call's options by name; they cross together as one Comlink proxy. */
export type Callbacks = Readonly<Record<string, (...args: unknown[]) => unknown>>;

/** Either the value or the error of a call: Comlink itself would keep only name and message. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorRecord };

/** What a worker exposes through Comlink; src/worker/remote.ts is the only caller. */
export interface Host {
  /** Makes the service. Called once, before any `call`. */
  start(configuration: unknown): Promise<Outcome>;
  /**
   * @param job id that `cancel` refers to
   * @param cancellable whether the last argument gets an AbortSignal
   * @param names of the functions that `callbacks`, a proxy, has
   */
  call(
    job: number,
    method: string,
    args: readonly unknown[],
    cancellable: boolean,
    names: readonly string[],
    callbacks: Callbacks | null,
  ): Promise<Outcome>;
  cancel(job: number): void;
}

/** Sent by the worker beside Comlink's messages: it listens now, it is alive. */
export type Signal =
  /** `lock`: a Web Lock that the worker holds as long as it lives; null where there are none. */
  { readonly teddy: 'ready'; readonly lock: string | null } | { readonly teddy: 'alive' };

export function isSignal(data: unknown): data is Signal {
  return typeof data === 'object' && data !== null && 'teddy' in data;
}
