/**
 * The k nearest found so far of each of n points: n bounded max-heaps in flat arrays, the farthest at
 * the root of each. Equal distances are ordered by index, so the result does not depend on the order
 * of arrival.
 */
export class NeighborHeaps {
  /** [n, k] indices, −1 = empty */
  readonly indices: Int32Array<ArrayBuffer>;
  /** [n, k] distances, Infinity = empty */
  readonly distances: Float32Array<ArrayBuffer>;
  /** [n, k] 1 = not yet joined with its neighbours (NN-descent's flag) */
  readonly fresh: Uint8Array<ArrayBuffer>;

  constructor(
    readonly n: number,
    readonly k: number,
  ) {
    this.indices = new Int32Array(n * k).fill(-1);
    this.distances = new Float32Array(n * k).fill(Number.POSITIVE_INFINITY);
    this.fresh = new Uint8Array(n * k);
  }

  /** Offers a neighbour; true when it was taken. `distance` must be a float32 value. */
  push(point: number, index: number, distance: number): boolean {
    const { indices, distances, fresh, k } = this;
    const root = point * k;
    if (!this.#nearer(distance, index, root)) return false;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= k) break;
      const right = left + 1;
      let child = left;
      if (
        right < k &&
        this.#nearer(distances[root + left] as number, indices[root + left] as number, root + right)
      ) {
        child = right;
      }
      if (!this.#nearer(distance, index, root + child)) break;
      distances[root + at] = distances[root + child] as number;
      indices[root + at] = indices[root + child] as number;
      fresh[root + at] = fresh[root + child] as number;
      at = child;
    }
    distances[root + at] = distance;
    indices[root + at] = index;
    fresh[root + at] = 1;
    return true;
  }

  /** True where `index` is already among the point's neighbours. */
  has(point: number, index: number): boolean {
    for (let s = point * this.k; s < (point + 1) * this.k; s++) if (this.indices[s] === index) return true;
    return false;
  }

  /** Neighbours in ascending distance. */
  sorted(): Neighbors {
    const { n, k } = this;
    const indices = new Int32Array(n * k);
    const distances = new Float32Array(n * k);
    for (let i = 0; i < n; i++) {
      const order = Array.from({ length: k }, (_, s) => i * k + s).sort(
        (a, b) =>
          (this.distances[a] as number) - (this.distances[b] as number) ||
          (this.indices[a] as number) - (this.indices[b] as number),
      );
      order.forEach((from, to) => {
        indices[i * k + to] = this.indices[from] as number;
        distances[i * k + to] = this.distances[from] as number;
      });
    }
    return { n, k, indices, distances };
  }

  /** Whether (distance, index) comes before what is stored at a slot. */
  #nearer(distance: number, index: number, slot: number): boolean {
    const stored = this.distances[slot] as number;
    return distance < stored || (distance === stored && index < (this.indices[slot] as number));
  }
}

/** The k nearest other points of each of n points, nearest first; −1 and Infinity where there are fewer. */
export interface Neighbors {
  readonly n: number;
  readonly k: number;
  /** [n, k] */
  readonly indices: Int32Array<ArrayBuffer>;
  /** [n, k] */
  readonly distances: Float32Array<ArrayBuffer>;
}
