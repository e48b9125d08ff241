/**
 * Points with their metric. Rows are made so that a distance costs one dot product: of unit length for
 * cosine (1 − a·b), centred for euclidean (√(|a|² + |b|² − 2a·b), which loses digits far from the
 * origin). Sums run in float64.
 */
export class PointSet {
  readonly n: number;
  readonly #rows: Float32Array;
  readonly #squares: Float64Array;
  readonly #cosine: boolean;

  /**
   * @param data [n, dimension]
   * @throws RangeError when the length is no multiple of the dimension, or a value is not finite.
   */
  constructor(
    data: Float32Array,
    readonly dimension: number,
    metric: 'euclidean' | 'cosine',
  ) {
    if (!Number.isInteger(dimension) || dimension < 1 || data.length % dimension !== 0) {
      throw new RangeError(`${data.length} values are no rows of ${dimension}`);
    }
    this.n = data.length / dimension;
    this.#cosine = metric === 'cosine';
    this.#rows = data.slice();
    if (this.#cosine) this.#normalize();
    else this.#center();
    this.#squares = Float64Array.from({ length: this.n }, (_, i) => this.#dot(i, i));
    const bad = this.#squares.findIndex((square) => !Number.isFinite(square));
    if (bad >= 0) throw new RangeError(`row ${bad} of the embedding is not finite`);
  }

  /** Distance as a float32 value. */
  distance(i: number, j: number): number {
    return Math.fround(this.#fromDot(i, j, this.#dot(i, j)));
  }

  /** Distances of i to j … j + 3. */
  distancesToFour(i: number, j: number, out: Float32Array): void {
    const rows = this.#rows;
    const d = this.dimension;
    let a = 0;
    let b = 0;
    let c = 0;
    let e = 0;
    for (let t = 0, p = i * d, q = j * d; t < d; t++, p++, q++) {
      const x = rows[p] as number;
      a += x * (rows[q] as number);
      b += x * (rows[q + d] as number);
      c += x * (rows[q + 2 * d] as number);
      e += x * (rows[q + 3 * d] as number);
    }
    out[0] = this.#fromDot(i, j, a);
    out[1] = this.#fromDot(i, j + 1, b);
    out[2] = this.#fromDot(i, j + 2, c);
    out[3] = this.#fromDot(i, j + 3, e);
  }

  #fromDot(i: number, j: number, dot: number): number {
    if (!this.#cosine) {
      return Math.sqrt(Math.max(0, (this.#squares[i] as number) + (this.#squares[j] as number) - 2 * dot));
    }
    // Two zero vectors are alike; one alone is at right angles to everything.
    if (this.#squares[i] === 0 && this.#squares[j] === 0) return 0;
    return Math.max(0, 1 - dot);
  }

  #dot(i: number, j: number): number {
    const d = this.dimension;
    let sum = 0;
    for (let t = 0, p = i * d, q = j * d; t < d; t++)
      sum += (this.#rows[p++] as number) * (this.#rows[q++] as number);
    return sum;
  }

  #normalize(): void {
    for (let i = 0; i < this.n; i++) {
      const length = Math.sqrt(this.#dot(i, i));
      if (length === 0) continue;
      for (let p = i * this.dimension; p < (i + 1) * this.dimension; p++) {
        this.#rows[p] = (this.#rows[p] as number) / length;
      }
    }
  }

  #center(): void {
    const d = this.dimension;
    const mean = new Float64Array(d);
    for (let p = 0; p < this.#rows.length; p++) {
      mean[p % d] = (mean[p % d] as number) + (this.#rows[p] as number) / this.n;
    }
    for (let p = 0; p < this.#rows.length; p++) {
      this.#rows[p] = (this.#rows[p] as number) - (mean[p % d] as number);
    }
  }
}
