/** How long one command buffer may take before a browser or a driver calls the device hung. */
const TARGET_SECONDS = { gpu: 0.06, software: 1.2 } as const;

/** Assumed until the first slice has been timed: a slow phone, and two busy cores. */
const FIRST_GUESS_FLOPS = { gpu: 50e9, software: 2e9 } as const;

/**
 * Sizes command buffers by measured throughput: ~100 ms on a GPU, 2 s on a software adapter at
 * most, aimed at six tenths of it.
 */
export class Pace {
  readonly #target: number;
  readonly #fixed: number | undefined;
  #rate: number;

  /** @param fixed flops of every command buffer, instead of measuring */
  constructor(software: boolean, fixed?: number) {
    const kind = software ? 'software' : 'gpu';
    this.#target = TARGET_SECONDS[kind];
    this.#rate = FIRST_GUESS_FLOPS[kind];
    this.#fixed = fixed;
  }

  /** Flops one command buffer may hold now. */
  get budget(): number {
    return this.#fixed ?? this.#target * this.#rate;
  }

  /** Flops a second, as measured so far. */
  get rate(): number {
    return this.#rate;
  }

  /** A command buffer of `flops` took `seconds`. Slower counts at once, faster by halves. */
  measured(flops: number, seconds: number): void {
    const rate = flops / Math.max(seconds, 1e-4);
    this.#rate = rate < this.#rate ? rate : Math.min((this.#rate + rate) / 2, 4 * this.#rate);
  }
}
