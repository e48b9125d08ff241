import type { Dispatch } from './dispatch.ts';
import type { Executor } from './executor.ts';
import type { Pace } from './pace.ts';

/** Command buffers the device has to do while the next is encoded; more would make a cancel wait. */
const SUBMITS_IN_FLIGHT = 2;

/** Command buffers one behind the other, never more than two unfinished, each timed for the pace. */
export class SubmitQueue {
  readonly #executor: Executor;
  readonly #pace: Pace;
  readonly #signal: AbortSignal | undefined;
  readonly #unfinished: Promise<void>[] = [];
  #lastEnd = 0;

  constructor(executor: Executor, pace: Pace, signal: AbortSignal | undefined) {
    this.#executor = executor;
    this.#pace = pace;
    this.#signal = signal;
  }

  /** Resolves once it is submitted. @throws the signal's reason, GpuLostError */
  async submit(dispatches: readonly Dispatch[]): Promise<void> {
    this.#signal?.throwIfAborted();
    await this.#executor.prepare(dispatches);
    while (this.#unfinished.length >= SUBMITS_IN_FLIGHT) await this.#unfinished.shift();
    this.#signal?.throwIfAborted();
    const flops = dispatches.reduce((sum, dispatch) => sum + dispatch.flops, 0);
    const began = performance.now();
    const { done } = await this.#executor.submit(dispatches);
    const timed = done.then(() => {
      // It started when it was submitted or when the one before it ended.
      const end = performance.now();
      this.#pace.measured(flops, (end - Math.max(began, this.#lastEnd)) / 1000);
      this.#lastEnd = end;
    });
    timed.catch(() => {});
    this.#unfinished.push(timed);
  }
}
