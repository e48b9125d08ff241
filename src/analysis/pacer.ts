/**
 * Lets a long computation on one thread hear its caller: `pause()` between chunks gives the event loop
 * a turn when `milliseconds` have passed since the last one, and throws once `signal` aborts.
 */
export class Pacer {
  #last = performance.now();

  constructor(
    readonly signal: AbortSignal | undefined,
    readonly milliseconds = 40,
  ) {}

  /** @throws the signal's reason once it aborted. */
  async pause(): Promise<void> {
    this.signal?.throwIfAborted();
    if (performance.now() - this.#last < this.milliseconds) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#last = performance.now();
    this.signal?.throwIfAborted();
  }
}
