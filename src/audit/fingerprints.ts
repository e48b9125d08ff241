import type { SparseRows } from '../data/dataset.ts';
import type { ComparedColumns } from './genes.ts';
import { countHash, pairHash, secondPairHash } from './hash.ts';

/** Cells that express fewer of the genes compared say too little: empty ones are all alike. */
export const LEAST_GENES = 20;

/**
 * A 64-bit fingerprint of every cell: the sums, modulo 2³², of two hashes over its genes with their counts, so
 * that the order of columns does not matter. Different cells of two files of 10⁵ share one by chance with
 * probability 5·10⁻¹⁰.
 */
export class Fingerprints {
  /** [cells] */
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  /** [cells] genes compared that the cell expresses. */
  readonly expressed: Uint32Array;

  constructor(
    readonly cells: number,
    readonly columns: ComparedColumns,
  ) {
    this.low = new Uint32Array(cells);
    this.high = new Uint32Array(cells);
    this.expressed = new Uint32Array(cells);
  }

  /** @param cell row of the file that is `row` of the block */
  add({ indptr, indices, values }: SparseRows, row: number, cell: number): void {
    const { used, hashes } = this.columns;
    let low = 0;
    let high = 0;
    let expressed = 0;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      const column = indices[i];
      if (used[column] === 0 || !(values[i] > 0)) continue;
      const count = countHash(values[i]);
      low = (low + pairHash(hashes[column], count)) | 0;
      high = (high + secondPairHash(hashes[column], count)) | 0;
      expressed++;
    }
    this.low[cell] = low;
    this.high[cell] = high;
    this.expressed[cell] = expressed;
  }

  comparable(cell: number): boolean {
    return this.expressed[cell] >= LEAST_GENES;
  }
}

/** Cells of one file by their fingerprint. */
export class FingerprintIndex {
  /** [cells] the first cell that is the same, −1 = not comparable. */
  readonly firsts: Int32Array;
  /** Open addressing: a slot holds the first cell of a fingerprint, −1 = free. */
  readonly #slots: Int32Array;

  constructor(private readonly prints: Fingerprints) {
    let slots = 16;
    while (slots < 2 * prints.cells) slots *= 2;
    this.#slots = new Int32Array(slots).fill(-1);
    this.firsts = new Int32Array(prints.cells).fill(-1);
    for (let cell = 0; cell < prints.cells; cell++) {
      if (!prints.comparable(cell)) continue;
      const slot = this.#slot(prints.low[cell], prints.high[cell]);
      if (this.#slots[slot] < 0) this.#slots[slot] = cell;
      this.firsts[cell] = this.#slots[slot];
    }
  }

  /** The first cell of this file that is a cell of another, −1 = none. */
  find(other: Fingerprints, cell: number): number {
    return other.comparable(cell) ? this.#slots[this.#slot(other.low[cell], other.high[cell])] : -1;
  }

  #slot(low: number, high: number): number {
    const last = this.#slots.length - 1;
    let slot = low & last;
    for (;;) {
      const cell = this.#slots[slot];
      if (cell < 0 || (this.prints.low[cell] === low && this.prints.high[cell] === high)) return slot;
      slot = (slot + 1) & last;
    }
  }
}
