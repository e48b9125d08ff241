/** UMAP's similarity of two points at distance x of the layout: 1 / (1 + a·x^(2b)). */
export interface Curve {
  readonly a: number;
  readonly b: number;
}

/**
 * a and b of 1 / (1 + a·x^(2b)) nearest, in least squares over [0, 3], to the curve that is 1 up to
 * `minDist` and exp(−(x − minDist)) beyond (spread 1): Gauss–Newton with damping on log a and b.
 */
export function fitCurve(minDist: number): Curve {
  const xs = Array.from({ length: 299 }, (_, i) => (3 * (i + 1)) / 299);
  const target = xs.map((x) => (x < minDist ? 1 : Math.exp(-(x - minDist))));
  const loss = (logA: number, b: number) =>
    xs.reduce((sum, x, i) => sum + (1 / (1 + Math.exp(logA) * x ** (2 * b)) - (target[i] as number)) ** 2, 0);
  let logA = 0;
  let b = 1;
  let damping = 1e-2;
  let best = loss(logA, b);
  for (let step = 0; step < 200; step++) {
    let [aa, ab, bb, ga, gb] = [0, 0, 0, 0, 0];
    xs.forEach((x, i) => {
      const power = Math.exp(logA) * x ** (2 * b);
      const value = 1 / (1 + power);
      const slope = -value * value * power;
      const da = slope;
      const db = slope * 2 * Math.log(x);
      const rest = value - (target[i] as number);
      aa += da * da;
      ab += da * db;
      bb += db * db;
      ga += da * rest;
      gb += db * rest;
    });
    const [p, q] = [aa * (1 + damping), bb * (1 + damping)];
    const determinant = p * q - ab * ab;
    const nextA = logA - (q * ga - ab * gb) / determinant;
    const nextB = b - (p * gb - ab * ga) / determinant;
    const next = loss(nextA, nextB);
    if (next < best) {
      const gain = best - next;
      [logA, b, best, damping] = [nextA, nextB, next, damping / 3];
      if (gain < 1e-14) break;
    } else {
      damping *= 4;
      if (damping > 1e12) break;
    }
  }
  return { a: Math.fround(Math.exp(logA)), b: Math.fround(b) };
}

/** Mantissa bits and exponents of float32 that the tables resolve: squares of 2⁻²⁰ … 2²⁰. */
const MANTISSA = 10;
const LOWEST = (127 - 20) << MANTISSA;
const ENTRIES = 40 << MANTISSA;

/**
 * The two forces of the layout as functions of a squared distance s: pull = −2ab·s^(b−1) / (a·s^b + 1)
 * and push = 2b / ((0.001 + s)(a·s^b + 1)). A power takes 90 ns and a layout needs 10⁸ of them, so both
 * are tables over the leading bits of s, interpolated to about 1e-6. Powers and logarithms differ in
 * their last bit between JavaScript engines, and a layout is chaotic: rounded to float32 (as the curve
 * and the edges are) they do not, so that a seed gives one picture in every browser.
 */
export class ForceTable {
  readonly #pull = new Float32Array(ENTRIES + 1);
  readonly #push = new Float32Array(ENTRIES + 1);
  readonly #float = new Float32Array(1);
  readonly #bits = new Int32Array(this.#float.buffer);

  constructor({ a, b }: Curve) {
    for (let entry = 0; entry <= ENTRIES; entry++) {
      this.#bits[0] = (entry + LOWEST) << (23 - MANTISSA);
      const s = this.#float[0] as number;
      const power = s ** b;
      this.#pull[entry] = (-2 * a * b * power) / s / (a * power + 1);
      this.#push[entry] = (2 * b) / ((0.001 + s) * (a * power + 1));
    }
  }

  pull(square: number): number {
    return this.#look(this.#pull, square);
  }

  push(square: number): number {
    return this.#look(this.#push, square);
  }

  #look(table: Float32Array, square: number): number {
    this.#float[0] = square;
    const bits = this.#bits[0] as number;
    const entry = (bits >> (23 - MANTISSA)) - LOWEST;
    if (entry < 0) return table[0] as number;
    if (entry >= ENTRIES) return table[ENTRIES] as number;
    const share = (bits & ((1 << (23 - MANTISSA)) - 1)) / (1 << (23 - MANTISSA));
    const from = table[entry] as number;
    return from + ((table[entry + 1] as number) - from) * share;
  }
}
