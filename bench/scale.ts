import { forwardFlops, type ModelShape, POSITIONS } from '../src/speed/model-shapes.ts';

/** What of a contest is run where all of it takes too long. */
export interface Scale {
  /** Of the model's layers, which are equal: the ratio of two contenders hardly depends on their number. */
  readonly layers: number;
  readonly cells: number;
  /** Lengths and positions are divided by this: attention then counts for less. The last resort. */
  readonly shorter: number;
}

/** Floating-point operations of a contender at a scale, its rate, and how often it runs. */
export interface Cost {
  readonly flops: (scale: Scale) => number;
  readonly rate: number;
  readonly runs: number;
}

const SHORTER = [1, 2, 4, 8, 16] as const;
const CELLS = [64, 16, 8, 4] as const;

/** The largest scale whose costs together fit the seconds; null where the least one does not. */
export function chooseScale(
  shape: ModelShape,
  available: number,
  costs: readonly Cost[],
  seconds: number,
): Scale | null {
  for (const shorter of SHORTER) {
    for (const layers of shape.layers === 1 ? [1] : [shape.layers, 1]) {
      for (const cells of CELLS.filter((count) => count <= available)) {
        const scale = { layers, cells, shorter };
        const total = costs.reduce((sum, { flops, rate, runs }) => sum + (runs * flops(scale)) / rate, 0);
        if (total <= seconds) return scale;
      }
    }
  }
  return null;
}

/** Lengths of the first cells at a scale. */
export function scaledLengths(lengths: readonly number[], { cells, shorter }: Scale): number[] {
  return lengths.slice(0, cells).map((length) => Math.max(1, Math.round(length / shorter)));
}

/** Operations of a shape on these lengths at a scale's number of layers. */
export function flopsAt({ dModel, dHid }: ModelShape, layers: number, lengths: readonly number[]): number {
  return forwardFlops({ nLayers: layers, dModel, dHid }, lengths);
}

/** Positions at a scale: what "padded to 2,048" becomes. */
export function capAt({ shorter }: Scale): number {
  return POSITIONS / shorter;
}

/** The lengths as they are once each is padded to the longest of its batch. */
export function paddedToLongest(lengths: readonly number[], batch: number): number[] {
  return batches(lengths, batch).flatMap((group) => group.map(() => Math.max(...group)));
}

/** Consecutive groups of at most `size`. */
export function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** How a scale differs from the whole, in words; empty where it does not. */
export function scaleWords(shape: ModelShape, { layers, shorter, cells }: Scale): string {
  return [
    `${cells} cells`,
    ...(layers === shape.layers ? [] : [`${layers} of ${shape.layers} layers`]),
    ...(shorter === 1 ? [] : [`lengths and positions ÷ ${shorter}`]),
  ].join(', ');
}
