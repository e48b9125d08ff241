import type { Histogram } from '../../run/services.ts';

const BINS = 32;

/** Equal bins over the data's own range; constant data get one unit of width. */
export function histogram(values: ArrayLike<number>, bins = BINS): Histogram {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    low = Math.min(low, values[i]);
    high = Math.max(high, values[i]);
  }
  if (low > high) return { edges: [0, 1], counts: [0] };
  if (low === high) high = low + 1;
  const width = (high - low) / bins;
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    counts[Math.min(bins - 1, Math.floor((values[i] - low) / width))]++;
  }
  return { edges: Array.from({ length: bins + 1 }, (_, i) => low + i * width), counts };
}
