import { CountsError } from './errors.ts';
import type { CountRows } from './rows.ts';

/** Genes a cell keeps, as in the paper; a model with fewer positions reads the first of them. */
export const MAX_GENES = 2048;

/** Counts are scaled to this many per cell before the medians. */
const COUNTS_PER_CELL = 10_000;

/** A cell's genes by rank. The arrays are views that the next `encode` overwrites. */
export interface RankedCell {
  /** [n ≤ MAX_GENES] vocabulary ids: value descending, equal values by ascending id. */
  readonly geneIds: Uint32Array;
  /** [n] median-scaled counts per 10,000, float64, descending. */
  readonly values: Float64Array;
}

/**
 * Rank-value encoding of TEDDY-G (spec: "Data preparation"). For a gene with median m in a cell
 * whose columns (all of them, with or without an id) sum to `total`:
 *
 *     value = ((count / total) · 10000) · (1 / m)       m = 1 where unknown
 *
 * in float64 and in exactly this order: any other changes ids where values nearly tie.
 * Columns of one gene are summed first. Buffers are reused: one encoder per worker.
 */
export class RankValueEncoder {
  readonly #columnIds: Int32Array;
  /** [vocabulary] 1 / median */
  readonly #factors: Float64Array;
  /** [vocabulary] count of the gene in the cell at hand, zero between cells. */
  readonly #counts: Float64Array;
  #touched = new Uint32Array(4096);
  #keys = new Float64Array(4096);
  #tied = new Uint32Array(4096);
  readonly #geneIds = new Uint32Array(MAX_GENES);
  readonly #values = new Float64Array(MAX_GENES);

  /**
   * @param columnIds [columns] vocabulary id of each matrix column, −1 = none
   * @param factors [vocabulary] 1 / median of each id
   */
  constructor(columnIds: Int32Array, factors: Float64Array) {
    this.#columnIds = columnIds;
    this.#factors = factors;
    this.#counts = new Float64Array(factors.length);
  }

  /** @throws CountsError where a count is negative, NaN or infinite. */
  encode(rows: CountRows, row: number): RankedCell {
    const { indices, values } = rows;
    const counts = this.#counts;
    const columnIds = this.#columnIds;
    const begin = rows.indptr[row];
    const end = rows.indptr[row + 1];
    this.#reserve(end - begin);
    const touched = this.#touched;
    let total = 0;
    let n = 0;
    for (let i = begin; i < end; i++) {
      const count = values[i];
      if (!(count >= 0 && count < Number.POSITIVE_INFINITY)) {
        this.#clear(n);
        throw new CountsError(row, indices[i], count);
      }
      total += count;
      const id = columnIds[indices[i]];
      if (id < 0 || count === 0) continue;
      if (counts[id] === 0) touched[n++] = id;
      counts[id] += count;
    }
    return this.#rank(n, total);
  }

  /**
   * Ranks the touched genes. A native sort of the bare values finds where each value's run of ties
   * begins; ids taken in ascending order then fill each run in order. That is several times faster
   * than sorting pairs with a comparison function.
   */
  #rank(n: number, total: number): RankedCell {
    const counts = this.#counts;
    const ids = this.#touched.subarray(0, n).sort();
    const keys = this.#keys.subarray(0, n);
    for (let i = 0; i < n; i++) {
      const id = ids[i];
      keys[i] = -((counts[id] / total) * COUNTS_PER_CELL * this.#factors[id]);
    }
    keys.sort();
    const tied = this.#tied.fill(0, 0, n);
    for (let i = 0; i < n; i++) {
      const id = ids[i];
      const value = (counts[id] / total) * COUNTS_PER_CELL * this.#factors[id];
      counts[id] = 0;
      const run = lowerBound(keys, -value);
      const slot = run + tied[run]++;
      if (slot < MAX_GENES) {
        this.#geneIds[slot] = id;
        this.#values[slot] = value;
      }
    }
    const kept = Math.min(n, MAX_GENES);
    return { geneIds: this.#geneIds.subarray(0, kept), values: this.#values.subarray(0, kept) };
  }

  #clear(n: number): void {
    for (let i = 0; i < n; i++) this.#counts[this.#touched[i]] = 0;
  }

  #reserve(size: number): void {
    if (size <= this.#touched.length) return;
    const room = 2 ** Math.ceil(Math.log2(size));
    this.#touched = new Uint32Array(room);
    this.#keys = new Float64Array(room);
    this.#tied = new Uint32Array(room);
  }
}

/** First index of an ascending array whose value is not below `key`. */
function lowerBound(ascending: Float64Array, key: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** [tokens] 1 / median by vocabulary id; 1 where the median is unknown. */
export function medianFactors(
  tokens: readonly string[],
  medians: ReadonlyMap<string, number>,
): Float64Array<ArrayBuffer> {
  return Float64Array.from(tokens, (token) => 1 / (medians.get(token) ?? 1));
}
