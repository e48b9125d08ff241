/** True where (x, y) lies in the polygon by the even-odd rule. `polygon` is [m, 2], closed by itself. */
function pointInPolygon(polygon: ArrayLike<number>, x: number, y: number): boolean {
  let inside = false;
  const m = polygon.length;
  for (let i = 0, j = m - 2; i < m; j = i, i += 2) {
    const xi = polygon[i] as number;
    const yi = polygon[i + 1] as number;
    const xj = polygon[j] as number;
    const yj = polygon[j + 1] as number;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}

/**
 * Indices, ascending, of the points inside a polygon, exactly as drawn (nothing is simplified).
 * @param polygon [m, 2] in the coordinates of `positions`; fewer than three corners hold nothing.
 * @param colors [n, 4]; points of alpha 0 are not there to be caught.
 */
export function lassoIndices(
  positions: Float32Array,
  polygon: ArrayLike<number>,
  colors?: Uint8Array,
): Uint32Array<ArrayBuffer> {
  if (polygon.length < 6) return new Uint32Array(0);
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < polygon.length; i += 2) {
    left = Math.min(left, polygon[i] as number);
    right = Math.max(right, polygon[i] as number);
    low = Math.min(low, polygon[i + 1] as number);
    high = Math.max(high, polygon[i + 1] as number);
  }
  const n = positions.length / 2;
  const found = new Uint32Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) {
    if (colors !== undefined && colors[4 * i + 3] === 0) continue;
    const x = positions[2 * i] as number;
    const y = positions[2 * i + 1] as number;
    if (x >= left && x <= right && y >= low && y <= high && pointInPolygon(polygon, x, y)) found[count++] = i;
  }
  return found.slice(0, count);
}
