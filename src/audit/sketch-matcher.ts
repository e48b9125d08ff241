import type { GeneOrder } from './genes.ts';
import { mix } from './hash.ts';
import type { OrderedCells } from './ordered-cells.ts';
import { NO_GENE, type SketchSource } from './sketch.ts';

/**
 * Shared genes that a sketch must tell of a cell to compare it. With fewer, cells of different studies begin
 * to look alike; with these no false match was seen in 10⁸ pairs (tests/run/audit.test.ts).
 */
export const LEAST_ELEMENTS = 8;

/**
 * Finds the cells of a file in a sketch, on the genes that one column each names on both sides. A cell of the
 * sketch says which of those genes it expresses up to its last element, or of all where it is not full; the
 * file's cell must express just these, with the same counts. Linear: an index by the first LEAST_ELEMENTS
 * shared elements finds the few candidates.
 */
export class SketchMatcher {
  /** Genes compared. */
  readonly genes: number;
  /** Cells of the sketch that have enough shared elements. */
  readonly comparable: number;
  /** [genes of the file] place among the sketch's genes, −1 = not there. */
  readonly #there: Int32Array;
  /** [cells + 1] offsets of the cells' shared elements (place × 256 + count). */
  readonly #offsets: Uint32Array;
  readonly #elements: Uint32Array;
  /** [cells] last place the cell tells of. */
  readonly #limits: Uint16Array;
  /** Key → first cell; #next continues. */
  readonly #first = new Map<number, number>();
  readonly #next: Int32Array;
  /** Shared elements of the file's cell at hand. */
  readonly #own: Uint32Array;

  constructor(
    readonly source: SketchSource,
    order: GeneOrder,
  ) {
    const cells = source.donorOf.length;
    this.#there = new Int32Array(order.hashes.length).fill(-1);
    const shared = new Uint8Array(source.genes.length);
    let genes = 0;
    for (let here = 0, there = 0; here < order.hashes.length && there < source.genes.length; ) {
      const difference = order.hashes[here] - source.genes[there];
      if (difference === 0) {
        this.#there[here] = there;
        shared[there] = 1;
        genes++;
      }
      if (difference <= 0) here++;
      if (difference >= 0) there++;
    }
    this.genes = genes;
    this.#offsets = new Uint32Array(cells + 1);
    this.#elements = new Uint32Array(source.places.length);
    this.#limits = new Uint16Array(cells).fill(NO_GENE);
    this.#next = new Int32Array(cells).fill(-1);
    this.#own = new Uint32Array(source.size + 1);
    this.comparable = this.#index(shared);
  }

  /** @returns cells that can be compared */
  #index(shared: Uint8Array): number {
    const { places, counts, size } = this.source;
    let comparable = 0;
    let end = 0;
    for (let cell = 0; cell < this.#next.length; cell++) {
      const start = end;
      for (let i = cell * size; i < (cell + 1) * size && places[i] !== NO_GENE; i++) {
        if (shared[places[i]] === 1) this.#elements[end++] = places[i] * 256 + counts[i];
      }
      this.#offsets[cell + 1] = end;
      this.#limits[cell] = size > 0 ? places[(cell + 1) * size - 1] : NO_GENE;
      if (end - start < LEAST_ELEMENTS) continue;
      comparable++;
      const key = keyOf(this.#elements, start);
      this.#next[cell] = this.#first.get(key) ?? -1;
      this.#first.set(key, cell);
    }
    return comparable;
  }

  /**
   * Cells of the sketch that the file's cell last read is among.
   * @param expressed what `cells.read` gave
   * @returns null where the cell expresses too few shared genes to be compared
   */
  match(cells: OrderedCells, expressed: Uint32Array): readonly number[] | null {
    const own = this.#own;
    let n = 0;
    for (let i = 0; i < expressed.length && n < own.length; i++) {
      const place = this.#there[expressed[i]];
      if (place >= 0) own[n++] = place * 256 + cells.element(expressed[i]);
    }
    if (n < LEAST_ELEMENTS) return null;
    const found: number[] = [];
    for (let cell = this.#first.get(keyOf(own, 0)) ?? -1; cell >= 0; cell = this.#next[cell]) {
      if (this.#same(cell, n)) found.push(cell);
    }
    return found;
  }

  /** Whether the first elements at hand are the cell's, and none but these lies within what it tells of. */
  #same(cell: number, n: number): boolean {
    const start = this.#offsets[cell];
    const length = this.#offsets[cell + 1] - start;
    if (length > n) return false;
    for (let i = 0; i < length; i++) if (this.#own[i] !== this.#elements[start + i]) return false;
    return length === n || this.#own[length] >>> 8 > this.#limits[cell];
  }
}

function keyOf(elements: Uint32Array, start: number): number {
  let key = 0;
  for (let i = start; i < start + LEAST_ELEMENTS; i++) key = mix(key ^ elements[i]) + i - start;
  return key;
}
