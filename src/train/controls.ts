/** Pause and stop of a run, which outlive the trainer it runs on. */
export class TrainingControls {
  #paused = false;
  #stopped = false;
  #release: (() => void)[] = [];

  get paused(): boolean {
    return this.#paused && !this.#stopped;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#wake();
  }

  /** Ends a run after the step at hand; a paused one too. */
  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  /** Resolves when the run may go on. @throws the signal's reason */
  async waiting(signal: AbortSignal | undefined): Promise<void> {
    while (this.paused) {
      signal?.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#release.push(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    signal?.throwIfAborted();
  }

  #wake(): void {
    const waiting = this.#release;
    this.#release = [];
    for (const resolve of waiting) resolve();
  }
}
