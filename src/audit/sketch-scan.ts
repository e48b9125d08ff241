import type { CellGroups, Overlap } from './findings.ts';
import type { GeneOrder } from './genes.ts';
import type { OrderedCells } from './ordered-cells.ts';
import { PairTally } from './overlaps.ts';
import type { SketchSource } from './sketch.ts';
import { SketchMatcher } from './sketch-matcher.ts';

/** Looks a file's cells up in one source of a sketch, one after the other, and keeps count. */
export class SketchScan {
  readonly #matcher: SketchMatcher;
  readonly #tally: PairTally;
  readonly #rows: number[] = [];
  readonly #found: Uint8Array;
  #incomparable = 0;

  constructor(
    private readonly source: SketchSource,
    order: GeneOrder,
    private readonly groups: CellGroups | null,
  ) {
    this.#matcher = new SketchMatcher(source, order);
    this.#tally = new PairTally(groups, { names: source.donors });
    this.#found = new Uint8Array(source.donorOf.length);
  }

  /**
   * @param cell row of the file
   * @param expressed what `cells.read` gave of it
   */
  add(cell: number, cells: OrderedCells, expressed: Uint32Array): void {
    const found = this.#matcher.match(cells, expressed);
    if (found === null) this.#incomparable++;
    if (found === null || found.length === 0) return;
    this.#rows.push(cell);
    for (const there of found) this.#found[there] = 1;
    const donors = new Set(found.map((there) => this.source.donorOf[there]));
    for (const donor of donors) this.#tally.add(this.groups?.codes[cell] ?? -1, donor);
  }

  overlap(): Overlap {
    return {
      name: this.source.name,
      genes: this.#matcher.genes,
      cells: this.#found.length,
      comparable: this.#matcher.comparable,
      incomparable: this.#incomparable,
      rows: Uint32Array.from(this.#rows),
      found: this.#found.reduce((sum, one) => sum + one, 0),
      pairs: this.#tally.pairs(),
    };
  }
}
