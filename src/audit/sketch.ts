import type { SparseRows } from '../data/dataset.ts';
import type { GeneOrder } from './genes.ts';
import { OrderedCells } from './ordered-cells.ts';

/**
 * Genes that a cell's sketch keeps. 48 leave at least 8 of nearly every cell of a whole transcriptome when
 * the other file is a panel of 1,200 genes (tests/run/audit.test.ts).
 */
const SKETCH_SIZE = 48;
/** Place of no gene: fills the rows of cells that express fewer. */
export const NO_GENE = 0xffff;

/**
 * A bottom-k sketch of every cell of one study: of the genes it expresses the k whose hashes are smallest,
 * each with eight bits of its count. Every file draws the same genes first (Cohen & Kaplan 2007, "coordinated
 * samples"), so sketches can be compared on whatever genes two files share. A fingerprint, not a disguise:
 * it tells k expressed genes of a cell, and small counts can be guessed from the eight bits.
 */
export interface SketchSource {
  /** Of the study or file. */
  readonly name: string;
  /** [genes] hashes of the genes that one column each names, strictly ascending, fewer than NO_GENE. */
  readonly genes: Uint32Array<ArrayBuffer>;
  readonly donors: readonly string[];
  /** [cells] index into `donors`, −1 = none. */
  readonly donorOf: Int32Array<ArrayBuffer>;
  /** Genes a cell keeps at most. */
  readonly size: number;
  /** [cells, size] index into `genes`, ascending within a cell, NO_GENE after the last. */
  readonly places: Uint16Array<ArrayBuffer>;
  /** [cells, size] hash of gene and count. */
  readonly counts: Uint8Array<ArrayBuffer>;
}

/** The sources of one sketch file. */
export interface Sketch {
  readonly sources: readonly SketchSource[];
}

/** Sketches cells one after the other. */
export class SketchBuilder {
  readonly #cells: OrderedCells;
  readonly #places: Uint16Array<ArrayBuffer>;
  readonly #counts: Uint8Array<ArrayBuffer>;
  #done = 0;

  /** @param cells how many will be added */
  constructor(
    private readonly order: GeneOrder,
    cells: number,
    private readonly size = SKETCH_SIZE,
  ) {
    this.#cells = new OrderedCells(order);
    this.#places = new Uint16Array(cells * size).fill(NO_GENE);
    this.#counts = new Uint8Array(cells * size);
  }

  add(block: SparseRows, row: number): void {
    const expressed = this.#cells.read(block, row);
    const first = this.#done++ * this.size;
    for (let i = 0; i < this.size && expressed[i] < NO_GENE; i++) {
      this.#places[first + i] = expressed[i];
      this.#counts[first + i] = this.#cells.element(expressed[i]);
    }
  }

  /** @param donorOf [cells] in the order they were added */
  build(name: string, donors: readonly string[], donorOf: Int32Array<ArrayBuffer>): SketchSource {
    return {
      name,
      // Genes beyond take no part: no cell of the sketch says anything of them.
      genes: this.order.hashes.slice(0, NO_GENE),
      donors,
      donorOf,
      size: this.size,
      places: this.#places,
      counts: this.#counts,
    };
  }
}
