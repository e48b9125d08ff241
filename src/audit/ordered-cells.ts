import type { SparseRows } from '../data/dataset.ts';
import type { GeneOrder } from './genes.ts';
import { countHash, pairHash } from './hash.ts';

/** Reads cells gene by gene in the order of the genes' hashes; one buffer serves all cells. */
export class OrderedCells {
  /** Places of the expressed genes of the cell last read. */
  readonly #expressed: Uint32Array;
  /** [genes] */
  readonly #values: Float64Array;

  constructor(private readonly order: GeneOrder) {
    this.#expressed = new Uint32Array(order.hashes.length);
    this.#values = new Float64Array(order.hashes.length);
  }

  /** Places of the genes with a count above 0, ascending; valid until the next cell is read. */
  read({ indptr, indices, values }: SparseRows, row: number): Uint32Array {
    let expressed = 0;
    for (let i = indptr[row]; i < indptr[row + 1]; i++) {
      const place = this.order.places[indices[i]];
      if (place < 0 || !(values[i] > 0)) continue;
      this.#values[place] = values[i];
      this.#expressed[expressed++] = place;
    }
    return this.#expressed.subarray(0, expressed).sort();
  }

  /** Eight bits of the gene and its count in the cell last read. */
  element(place: number): number {
    return pairHash(this.order.hashes[place], countHash(this.#values[place])) >>> 24;
  }
}
