/** Uniform grid over points of the plane for "which point is under the pointer". */
export class PointIndex {
  readonly #positions: Float32Array;
  /** [cells + 1] start of each grid cell in #points */
  readonly #starts: Uint32Array;
  readonly #points: Uint32Array;
  readonly #columns: number;
  readonly #rows: number;
  readonly #left: number;
  readonly #low: number;
  readonly #cell: number;

  /** @param positions [n, 2]; points with NaN are left out. */
  constructor(positions: Float32Array) {
    this.#positions = positions;
    const n = positions.length / 2;
    let left = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    let placed = 0;
    for (let i = 0; i < n; i++) {
      const x = positions[2 * i] as number;
      const y = positions[2 * i + 1] as number;
      if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      low = Math.min(low, y);
      high = Math.max(high, y);
      placed++;
    }
    const width = placed > 0 ? right - left : 0;
    const height = placed > 0 ? high - low : 0;
    const longest = Math.max(width, height);
    // About two points a cell when spread over the square of the longer side.
    this.#cell = longest > 0 ? longest / Math.max(1, Math.sqrt(placed / 2)) : 1;
    this.#left = placed > 0 ? left : 0;
    this.#low = placed > 0 ? low : 0;
    this.#columns = Math.floor(width / this.#cell) + 1;
    this.#rows = Math.floor(height / this.#cell) + 1;
    this.#starts = new Uint32Array(this.#columns * this.#rows + 1);
    for (let i = 0; i < n; i++) {
      const at = this.#cellOf(i);
      if (at >= 0) this.#starts[at + 1] = (this.#starts[at + 1] as number) + 1;
    }
    for (let c = 1; c < this.#starts.length; c++) {
      this.#starts[c] = (this.#starts[c] as number) + (this.#starts[c - 1] as number);
    }
    this.#points = new Uint32Array(placed);
    const next = this.#starts.slice();
    for (let i = 0; i < n; i++) {
      const at = this.#cellOf(i);
      if (at < 0) continue;
      const slot = next[at] as number;
      this.#points[slot] = i;
      next[at] = slot + 1;
    }
  }

  /** The nearest point within `reach` (data units) that `accept` takes, or −1. */
  nearest(x: number, y: number, reach: number, accept: (index: number) => boolean): number {
    const clampColumn = (v: number) =>
      Math.min(this.#columns - 1, Math.max(0, Math.floor((v - this.#left) / this.#cell)));
    const clampRow = (v: number) =>
      Math.min(this.#rows - 1, Math.max(0, Math.floor((v - this.#low) / this.#cell)));
    let best = -1;
    let bestDistance = reach * reach;
    for (let row = clampRow(y - reach); row <= clampRow(y + reach); row++) {
      for (let column = clampColumn(x - reach); column <= clampColumn(x + reach); column++) {
        const at = row * this.#columns + column;
        for (let s = this.#starts[at] as number; s < (this.#starts[at + 1] as number); s++) {
          const i = this.#points[s] as number;
          const dx = (this.#positions[2 * i] as number) - x;
          const dy = (this.#positions[2 * i + 1] as number) - y;
          const distance = dx * dx + dy * dy;
          if (distance <= bestDistance && accept(i)) {
            best = i;
            bestDistance = distance;
          }
        }
      }
    }
    return best;
  }

  #cellOf(i: number): number {
    const x = this.#positions[2 * i] as number;
    const y = this.#positions[2 * i + 1] as number;
    if (!Number.isFinite(x) || !Number.isFinite(y)) return -1;
    const column = Math.min(this.#columns - 1, Math.floor((x - this.#left) / this.#cell));
    const row = Math.min(this.#rows - 1, Math.floor((y - this.#low) / this.#cell));
    return row * this.#columns + column;
  }
}
