import type { FitEnvironment } from './logistic/back-ends.ts';
import type { ProbeJobOptions } from './types.ts';

/**
 * What the fits of a run share: where they run, who may stop them, and a count of them for progress. Work comes in blocks whose greatest number of fits is
 * known beforehand; a block that needs fewer (a grid of C that stopped early) is counted as whole.
 */
export class Fits {
  #done = 0;
  #blockEnd = 0;
  #stage = '';

  constructor(
    private readonly options: ProbeJobOptions,
    private readonly total: number,
    private readonly environment: FitEnvironment = {},
  ) {}

  get signal(): AbortSignal | undefined {
    return this.options.signal;
  }

  /** Options of every fit. */
  get where(): { readonly signal: AbortSignal | undefined; readonly environment: FitEnvironment } {
    return { signal: this.options.signal, environment: this.environment };
  }

  begin(stage: string, fits: number): void {
    this.#done = this.#blockEnd;
    this.#blockEnd += fits;
    this.#stage = stage;
    this.#tell();
  }

  /** @throws the signal's reason once it aborted */
  one(): void {
    this.options.signal?.throwIfAborted();
    this.#done = Math.min(this.#done + 1, this.#blockEnd);
    this.#tell();
  }

  end(): void {
    this.#done = this.#blockEnd;
    this.#tell();
  }

  #tell(): void {
    const { total } = this;
    this.options.onProgress?.({ stage: this.#stage, done: this.#done, total, unit: 'fits' });
  }
}
