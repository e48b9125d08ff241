const DIGITS = 256;
/** 8-bit digits of the upper half of a float64: sign, exponent and the first 20 bits of the fraction. */
const PASSES = 4;

/**
 * Order of non-negative float64 values from the greatest down, equal ones in their own order: a radix sort.
 * The bits of non-negative doubles, read as an integer, grow with the value; so the upper 32 bits are sorted
 * digit by digit (passes in which all digits are the same are left out), and the few runs that agree in
 * those but not below are put right by comparison. A native sort with pairs takes several times as long.
 * Buffers are reused.
 */
export class DescendingOrder {
  readonly #counts = new Uint32Array(PASSES * DIGITS);
  #keys = new Uint32Array(4096);
  #order = new Uint32Array(4096);
  #next = new Uint32Array(4096);

  /**
   * @param values non-negative, infinity allowed, NaN not
   * @param n the first n of them are meant
   * @returns [≥ n] indices into `values`, greatest value first; overwritten by the next call
   */
  of(values: Float64Array, n: number): Uint32Array {
    this.#reserve(n);
    const counts = this.#countDigits(values, n);
    let order = this.#order;
    let next = this.#next;
    for (let i = 0; i < n; i++) order[i] = i;
    const keys = this.#keys;
    for (let pass = 0; pass < PASSES; pass++) {
      const first = pass * DIGITS;
      const shift = pass * 8;
      if (n === 0 || counts[first + ((keys[0] >>> shift) & 255)] === n) continue;
      startsOf(counts, first);
      for (let i = 0; i < n; i++) {
        const at = order[i];
        next[counts[first + ((keys[at] >>> shift) & 255)]++] = at;
      }
      [order, next] = [next, order];
    }
    repairRuns(order, keys, values, n);
    return order;
  }

  /** Fills the keys, complemented so that the greatest value has the least, and counts their digits. */
  #countDigits(values: Float64Array, n: number): Uint32Array {
    const counts = this.#counts.fill(0);
    const keys = this.#keys;
    const words = new Uint32Array(values.buffer, values.byteOffset, 2 * n);
    for (let i = 0; i < n; i++) {
      const key = ~words[2 * i + UPPER] >>> 0;
      keys[i] = key;
      counts[key & 255]++;
      counts[256 + ((key >>> 8) & 255)]++;
      counts[512 + ((key >>> 16) & 255)]++;
      counts[768 + (key >>> 24)]++;
    }
    return counts;
  }

  #reserve(n: number): void {
    if (n <= this.#keys.length) return;
    const room = 2 ** Math.ceil(Math.log2(n));
    this.#keys = new Uint32Array(room);
    this.#order = new Uint32Array(room);
    this.#next = new Uint32Array(room);
  }
}

/** Which of a double's two 32-bit words is the upper one on this machine. */
const UPPER = new Uint32Array(Float64Array.of(1).buffer)[0] === 0 ? 1 : 0;

/** Turns the counts of one digit into the places where each digit's entries begin. */
function startsOf(counts: Uint32Array, first: number): void {
  let start = 0;
  for (let digit = first; digit < first + DIGITS; digit++) {
    const count = counts[digit];
    counts[digit] = start;
    start += count;
  }
}

/** Sorts each run of equal keys whose values are not in order yet. */
function repairRuns(order: Uint32Array, keys: Uint32Array, values: Float64Array, n: number): void {
  for (let begin = 0; begin < n; ) {
    const key = keys[order[begin]];
    let end = begin + 1;
    let ordered = true;
    for (; end < n && keys[order[end]] === key; end++) {
      if (values[order[end]] > values[order[end - 1]]) ordered = false;
    }
    if (!ordered) order.subarray(begin, end).sort((a, b) => values[b] - values[a] || a - b);
    begin = end;
  }
}
