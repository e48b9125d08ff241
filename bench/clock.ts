/** The time of the bench, shared out over what is still to do. */
export class Clock {
  readonly #began: number;
  #sharesLeft: number;

  /** @param seconds of everything @param shares sum of the shares that will be asked for */
  constructor(
    private readonly seconds: number,
    shares: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#began = now();
    this.#sharesLeft = shares;
  }

  /** Seconds since the start. */
  get spent(): number {
    return (this.now() - this.#began) / 1000;
  }

  /** Seconds for a piece of work of this share: what others left over is shared by those to come. */
  take(share: number): number {
    const left = Math.max(0, this.seconds - this.spent);
    const granted = (left * share) / Math.max(share, this.#sharesLeft);
    this.#sharesLeft -= share;
    return granted;
  }
}

/** Measured floating-point operations a second, padding counted, by contender and model. */
export class Rates {
  readonly #known = new Map<string, number>();

  constructor(private readonly guess: number) {}

  /** Of the contender on this model, else on any, else the guess. */
  of(contender: string, model: string): number {
    const name = runtime(contender);
    return this.#known.get(`${name} ${model}`) ?? this.#known.get(name) ?? this.guess;
  }

  learn(contender: string, model: string, flops: number, seconds: number): void {
    const name = runtime(contender);
    this.#known.set(name, flops / seconds);
    this.#known.set(`${name} ${model}`, flops / seconds);
  }
}

/** The same runtime however its batches are padded. */
function runtime(contender: string): string {
  return contender.replace(/ (padded|fused|plain).*/, '');
}
