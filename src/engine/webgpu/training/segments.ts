/** Items of one sum at most: longer ones are cut into pieces that are summed in a second stage. */
const LONGEST = 128;

/** A destination that takes no part. */
export const NOWHERE = 0xffff_ffff;

/** Sums of one dispatch of `segment-sum`. */
interface Segments {
  /** [n, 4]: destination, first item, items, 0. */
  readonly segments: Uint32Array<ArrayBuffer>;
  /** [m, 2]: row, bits of its coefficient. */
  readonly items: Uint32Array<ArrayBuffer>;
}

/** Rows summed by destination: short sums at once, long ones by way of rows that hold their pieces. */
export interface RowSums {
  /** Sums of short segments into their destinations. */
  readonly direct: Segments;
  /** Pieces of long segments, each into a row of its own … */
  readonly pieces: Segments;
  /** … and those rows into the destinations. */
  readonly joined: Segments;
}

/**
 * Row i goes to destinations[i] (or NOWHERE) with coefficients[i] (1 by default); sums in the order of the rows,
 * so that they repeat exactly.
 * @param count destinations are below
 */
export function sumRowsByDestination(
  destinations: Uint32Array,
  count: number,
  coefficients?: Float32Array,
): RowSums {
  const ends = new Uint32Array(count);
  for (const destination of destinations) if (destination !== NOWHERE) ends[destination]++;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const own = ends[i];
    ends[i] = total;
    total += own;
  }
  const items = new Uint32Array(2 * total);
  const values = new Float32Array(items.buffer);
  for (const [row, destination] of destinations.entries()) {
    if (destination === NOWHERE) continue;
    const item = ends[destination]++;
    items[2 * item] = row;
    values[2 * item + 1] = coefficients?.[row] ?? 1;
  }
  const direct: number[] = [];
  const pieces: number[] = [];
  const joined: number[] = [];
  let start = 0;
  for (const [destination, end] of ends.entries()) {
    if (end - start > LONGEST) {
      const firstPiece = pieces.length / 4;
      for (let item = start; item < end; item += LONGEST)
        pieces.push(pieces.length / 4, item, Math.min(LONGEST, end - item), 0);
      joined.push(destination, firstPiece, pieces.length / 4 - firstPiece, 0);
    } else if (end > start) direct.push(destination, start, end - start, 0);
    start = end;
  }
  return {
    direct: { segments: Uint32Array.from(direct), items },
    pieces: { segments: Uint32Array.from(pieces), items },
    joined: { segments: Uint32Array.from(joined), items: unitItems(pieces.length / 4) },
  };
}

/** Items that name rows first, first + step, … with coefficient 1. */
export function unitItems(count: number, first = 0, step = 1): Uint32Array<ArrayBuffer> {
  const items = new Uint32Array(2 * count);
  const values = new Float32Array(items.buffer);
  for (let i = 0; i < count; i++) {
    items[2 * i] = first + i * step;
    values[2 * i + 1] = 1;
  }
  return items;
}
