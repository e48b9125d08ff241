const TURN_MS = 50;

/**
 * Lets the event loop turn now and then during long work on one thread: a cancel is a message, and a
 * heartbeat a timer. Returns at once unless 50 ms have passed.
 * @throws the signal's reason when aborted
 */
export class Turn {
  #last = performance.now();

  constructor(private readonly signal: AbortSignal | undefined) {}

  async pause(): Promise<void> {
    this.signal?.throwIfAborted();
    if (performance.now() - this.#last < TURN_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#last = performance.now();
    this.signal?.throwIfAborted();
  }
}
