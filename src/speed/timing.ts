import type { TokenBatch } from '../model/token-batch.ts';

/** What is timed: an engine of ours, or another runtime that encodes the same cells. */
export interface Encodes {
  encode(batch: TokenBatch, signal: AbortSignal | undefined): Promise<unknown>;
}

export interface TimingOptions {
  /** Runs are repeated while they have not taken this long together. */
  readonly seconds: number;
  readonly signal?: AbortSignal | undefined;
}

const MOST_RUNS = 5;

/** Seconds of one encode of the batch, the best of up to five; whatever compiles must have run before. */
export async function timeEncode(
  subject: Encodes,
  batch: TokenBatch,
  { seconds, signal }: TimingOptions,
): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  let spent = 0;
  for (let run = 0; run < MOST_RUNS && (run === 0 || spent + best <= seconds); run++) {
    signal?.throwIfAborted();
    const began = performance.now();
    await subject.encode(batch, signal);
    const took = (performance.now() - began) / 1000;
    best = Math.min(best, took);
    spent += took;
  }
  return best;
}
