/** Two digits of this many bits are what is sorted by: wider ones cost more to count than they save in repairs. */
const DIGIT_BITS = 9;
const DIGITS = 2 ** DIGIT_BITS;
/** A run of equal keys up to this length is put right by insertion. */
const SHORT_RUN = 32;

/** Which of a double's two 32-bit words is the upper one on this machine. */
const UPPER = new Uint32Array(Float64Array.of(1).buffer)[0] === 0 ? 1 : 0;

/**
 * Order of non-negative float64 values from the greatest down, equal ones in their own order: a radix sort.
 * The bits of non-negative doubles, read as an integer, grow with the value. So a key of 18 bits is cut from
 * the upper word of each (its distance to the greatest, without the lowest bits where it is wider). Where only
 * the greatest are wanted, the upper digit tells which can be among them. Two passes sort those by their keys,
 * and the few runs that agree in the key but not in value are put right by comparison.
 * A native sort of pairs takes several times as long. Buffers are reused.
 */
export class DescendingOrder {
  readonly #upper = new Uint32Array(DIGITS);
  readonly #lower = new Uint32Array(DIGITS);
  #keys = new Uint32Array(4096);
  #chosen = new Uint32Array(4096);
  #byLower = new Uint32Array(4096);
  #order = new Uint32Array(4096);

  /**
   * @param values non-negative, infinity allowed, NaN not
   * @param n the first n of them are meant
   * @param wanted how many of the greatest are wanted (default: all)
   * @returns [≥ min(n, wanted)] indices into `values`, greatest value first, what follows undefined; overwritten
   *   by the next call
   */
  of(values: Float64Array, n: number, wanted = n): Uint32Array {
    this.#reserve(n);
    const keys = this.#keys;
    const chosen = this.#chosen;
    const byLower = this.#byLower;
    const order = this.#order;
    const upper = this.#cutKeys(values, n);
    const lower = this.#lower.fill(0);
    const last = lastDigit(upper, wanted);
    let count = 0;
    for (let i = 0; i < n; i++) {
      const key = keys[i];
      if (key >>> DIGIT_BITS > last) continue;
      chosen[count++] = i;
      lower[key & (DIGITS - 1)]++;
    }
    toStarts(lower);
    toStarts(upper);
    for (let c = 0; c < count; c++) byLower[lower[keys[chosen[c]] & (DIGITS - 1)]++] = chosen[c];
    for (let c = 0; c < count; c++) order[upper[keys[byLower[c]] >>> DIGIT_BITS]++] = byLower[c];
    repairRuns(order, keys, values, count);
    return order;
  }

  /** Fills the keys, the greatest value's the least, and counts their upper digits. */
  #cutKeys(values: Float64Array, n: number): Uint32Array {
    const words = new Uint32Array(values.buffer, values.byteOffset, 2 * n);
    let least = 0xffffffff;
    let greatest = 0;
    for (let w = UPPER; w < words.length; w += 2) {
      if (words[w] < least) least = words[w];
      if (words[w] > greatest) greatest = words[w];
    }
    const tooWide = Math.max(0, 32 - Math.clz32(greatest - least) - 2 * DIGIT_BITS);
    const counts = this.#upper.fill(0);
    const keys = this.#keys;
    for (let i = 0; i < n; i++) {
      const key = (greatest - words[2 * i + UPPER]) >>> tooWide;
      keys[i] = key;
      counts[key >>> DIGIT_BITS]++;
    }
    return counts;
  }

  #reserve(n: number): void {
    if (n <= this.#keys.length) return;
    const room = 2 ** Math.ceil(Math.log2(n));
    this.#keys = new Uint32Array(room);
    this.#chosen = new Uint32Array(room);
    this.#byLower = new Uint32Array(room);
    this.#order = new Uint32Array(room);
  }
}

/** The digit up to which at least `wanted` values are counted; the greatest where there are fewer. */
function lastDigit(counts: Uint32Array, wanted: number): number {
  let digit = 0;
  for (let seen = counts[0]; seen < wanted && digit < DIGITS - 1; seen += counts[digit]) digit++;
  return digit;
}

/** Turns the counts of a digit into the places where its entries begin. */
function toStarts(counts: Uint32Array): void {
  let start = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = counts[digit];
    counts[digit] = start;
    start += count;
  }
}

/** Sorts each run of equal keys whose values are not in order yet; equal values stay in their order. */
function repairRuns(order: Uint32Array, keys: Uint32Array, values: Float64Array, n: number): void {
  for (let begin = 0; begin < n; ) {
    const key = keys[order[begin]];
    let end = begin + 1;
    let ordered = true;
    for (; end < n && keys[order[end]] === key; end++) {
      if (values[order[end]] > values[order[end - 1]]) ordered = false;
    }
    if (!ordered && end - begin <= SHORT_RUN) insertionSort(order, values, begin, end);
    else if (!ordered) order.subarray(begin, end).sort((a, b) => values[b] - values[a] || a - b);
    begin = end;
  }
}

function insertionSort(order: Uint32Array, values: Float64Array, begin: number, end: number): void {
  for (let i = begin + 1; i < end; i++) {
    const at = order[i];
    let k = i;
    for (; k > begin && values[order[k - 1]] < values[at]; k--) order[k] = order[k - 1];
    order[k] = at;
  }
}
