import type { TuningTable } from '../variants.ts';

/** Dispatches of one shape class, and the variants that may run them, best guess first. */
export interface TuningClass {
  readonly key: string;
  /** Classes of a family have the same variants; the most costly class comes first. */
  readonly family: string;
  readonly variants: readonly string[];
}

/** Seconds one dispatch of a class takes with one variant; null where the variant is wrong on this device. */
export type MeasureVariant = (key: string, variant: string) => Promise<number | null>;

export interface TuneOptions {
  /** Milliseconds that count against the budget so far: on a GPU without those of compiling. */
  readonly spent: () => number;
  readonly budgetMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Measurements made, of how many at most. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Of a family's variants, those that were fastest for its first class are measured for the others. */
const GO_ON = 3;

/** Closer than this, the better guess is kept: timings jitter, and a table should not. */
const MARGIN = 0.03;

/**
 * Measures variants class by class until the budget is spent. A class that was not reached has no entry,
 * and what the tuner has no entry for runs by the committed order.
 * @throws the signal's reason
 */
export async function tune(
  classes: readonly TuningClass[],
  measure: MeasureVariant,
  { spent, budgetMs, signal, onProgress }: TuneOptions,
): Promise<TuningTable> {
  const table: Record<string, string> = {};
  const remaining = new Map<string, readonly string[]>();
  const total = classes.reduce((sum, { variants }) => sum + variants.length, 0);
  let done = 0;
  for (const { key, family, variants } of classes) {
    const seconds = new Map<string, number>();
    const tried = remaining.get(family) ?? variants;
    for (const variant of tried) {
      signal?.throwIfAborted();
      if (spent() >= budgetMs) break;
      const measured = await measure(key, variant);
      if (measured !== null) seconds.set(variant, measured);
      onProgress?.(++done, total);
    }
    // A class measured in part is decided by what is known of it.
    const best = fastest(seconds);
    if (best === null) continue;
    table[key] = best;
    if (!remaining.has(family)) remaining.set(family, leading(seconds));
  }
  onProgress?.(total, total);
  return table;
}

/** The fastest variant; of those within the margin the first, which is the better guess. Null of none. */
export function fastest(seconds: ReadonlyMap<string, number>): string | null {
  const least = Math.min(...seconds.values());
  for (const [variant, measured] of seconds) if (measured <= least * (1 + MARGIN)) return variant;
  return null;
}

/** The fastest few, in the order of the guess. */
function leading(seconds: ReadonlyMap<string, number>): string[] {
  const limit = [...seconds.values()].sort((a, b) => a - b)[Math.min(GO_ON, seconds.size) - 1];
  return [...seconds].filter(([, measured]) => measured <= limit).map(([variant]) => variant);
}
