import { MAX_GENES } from '../model/config.ts';
import { DescendingOrder } from './descending-order.ts';
import { CountsError } from './errors.ts';
import type { CountRows } from './rows.ts';

/** Counts are scaled to this many per cell before the medians. */
const COUNTS_PER_CELL = 10_000;

/** A cell's genes by rank. The arrays are views that the next `encode` overwrites. */
export interface RankedCell {
  /** [n ≤ the encoder's most] vocabulary ids: value descending, equal values by ascending id. */
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
 * in float64 and in exactly this order: another changes ids where values nearly tie.
 * Columns of one gene are summed first. Buffers are reused: one encoder per worker.
 */
export class RankValueEncoder {
  readonly #columnIds: Int32Array;
  /** [vocabulary] 1 / median */
  readonly #factors: Float64Array;
  /** [vocabulary] count of the gene in the cell at hand, zero between cells. */
  readonly #counts: Float64Array;
  /** A bit for each id that has a count: walking it gives the ids in ascending order without a sort. */
  readonly #touched: Uint32Array;
  readonly #order = new DescendingOrder();
  #ids = new Uint32Array(4096);
  #ranked = new Float64Array(4096);
  readonly #geneIds: Uint32Array;
  readonly #values: Float64Array;

  /**
   * @param columnIds [columns] vocabulary id of each matrix column, −1 = none
   * @param factors [vocabulary] 1 / median of each id
   * @param most genes of a cell, the highest ranks: fewer are sorted faster
   */
  constructor(columnIds: Int32Array, factors: Float64Array, most = MAX_GENES) {
    this.#columnIds = columnIds;
    this.#factors = factors;
    this.#counts = new Float64Array(factors.length);
    this.#touched = new Uint32Array((factors.length + 31) >>> 5);
    this.#geneIds = new Uint32Array(most);
    this.#values = new Float64Array(most);
  }

  /** @throws CountsError where a count is negative, NaN or infinite. */
  encode(rows: CountRows, row: number): RankedCell {
    const { indices, values } = rows;
    const counts = this.#counts;
    const touched = this.#touched;
    const columnIds = this.#columnIds;
    const begin = rows.indptr[row];
    const end = rows.indptr[row + 1];
    let total = 0;
    for (let i = begin; i < end; i++) {
      const count = values[i];
      if (!(count >= 0 && count < Number.POSITIVE_INFINITY)) {
        counts.fill(0);
        touched.fill(0);
        throw new CountsError(row, indices[i], count);
      }
      total += count;
      const id = columnIds[indices[i]];
      if (id < 0 || count === 0) continue;
      counts[id] += count;
      touched[id >>> 5] |= 1 << (id & 31);
    }
    this.#reserve(end - begin);
    return this.#rank(this.#takeValues(total));
  }

  /** Moves the cell's genes into `ids` (ascending) and `ranked` (their values); returns how many. */
  #takeValues(total: number): number {
    const counts = this.#counts;
    const factors = this.#factors;
    const touched = this.#touched;
    const ids = this.#ids;
    const ranked = this.#ranked;
    let n = 0;
    for (let word = 0; word < touched.length; word++) {
      let bits = touched[word];
      if (bits === 0) continue;
      touched[word] = 0;
      for (; bits !== 0; bits &= bits - 1) {
        const id = (word << 5) + 31 - Math.clz32(bits & -bits);
        ids[n] = id;
        ranked[n++] = (counts[id] / total) * COUNTS_PER_CELL * factors[id];
        counts[id] = 0;
      }
    }
    return n;
  }

  #rank(n: number): RankedCell {
    const kept = Math.min(n, this.#geneIds.length);
    const order = this.#order.of(this.#ranked, n, kept);
    for (let rank = 0; rank < kept; rank++) {
      this.#geneIds[rank] = this.#ids[order[rank]];
      this.#values[rank] = this.#ranked[order[rank]];
    }
    return { geneIds: this.#geneIds.subarray(0, kept), values: this.#values.subarray(0, kept) };
  }

  #reserve(size: number): void {
    if (size <= this.#ids.length) return;
    const room = 2 ** Math.ceil(Math.log2(size));
    this.#ids = new Uint32Array(room);
    this.#ranked = new Float64Array(room);
  }
}

/** [tokens] 1 / median by vocabulary id; 1 where the median is unknown. */
export function medianFactors(
  tokens: readonly string[],
  medians: ReadonlyMap<string, number>,
): Float64Array<ArrayBuffer> {
  return Float64Array.from(tokens, (token) => 1 / (medians.get(token) ?? 1));
}
