/** Points ready to draw: placed ones only, in drawing order. */
export interface PointBuffers {
  readonly count: number;
  /** [count, 2] */
  readonly positions: Float32Array<ArrayBuffer>;
  /** [count, 4] */
  readonly colors: Uint8Array<ArrayBuffer>;
}

/** Opacity left to cells outside a selection. */
const DIMMED = 0.12;
/** Alpha up to which a point is context, drawn under the others. */
const FAINT = 64;

/**
 * Gathers what is to be drawn. Files are sorted (by donor, by label), so drawing in file order would
 * let the last group hide the others: the order is a fixed permutation, the same at every draw, with
 * faint cells and those outside the selection underneath.
 */
export function pointBuffers(
  positions: Float32Array,
  colors: Uint8Array,
  selected: Uint8Array | null = null,
): PointBuffers {
  const n = Math.min(positions.length / 2, colors.length / 4);
  const selecting = selected?.includes(1) ?? false;
  const outPositions = new Float32Array(2 * n);
  const outColors = new Uint8Array(4 * n);
  const stride = coprimeStride(n);
  let count = 0;
  for (const front of [false, true]) {
    for (let k = 0, i = 0; k < n; k++, i = (i + stride) % n) {
      const alpha = colors[4 * i + 3] as number;
      const inside = !selecting || selected?.[i] === 1;
      if (alpha === 0 || (inside && alpha > FAINT) !== front) continue;
      const x = positions[2 * i] as number;
      const y = positions[2 * i + 1] as number;
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      outPositions[2 * count] = x;
      outPositions[2 * count + 1] = y;
      outColors.set(colors.subarray(4 * i, 4 * i + 3), 4 * count);
      outColors[4 * count + 3] = inside ? alpha : Math.round(alpha * DIMMED);
      count++;
    }
  }
  return { count, positions: outPositions.subarray(0, 2 * count), colors: outColors.subarray(0, 4 * count) };
}

/** Radius in CSS pixels that neither hides a small data set nor fills the plane with a large one. */
export function defaultRadius(n: number): number {
  return Math.min(5, Math.max(1, 160 / Math.sqrt(Math.max(1, n))));
}

/** A step near n/φ that shares no factor with n, so that stepping by it visits every index once. */
function coprimeStride(n: number): number {
  const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
  let stride = Math.max(1, Math.floor(n * 0.6180339887));
  while (gcd(stride, n) > 1) stride++;
  return stride;
}
