import { DataError } from '../errors.ts';
import type { RowsInMemory } from '../rows-in-memory.ts';

/** Entries of one block. */
const BLOCK = 2 ** 20;
/** Entries beyond which a text matrix is refused: 20 bytes each are held while it is put in order. */
const MAX_ENTRIES = 80_000_000;

interface Block {
  readonly rows: Uint32Array;
  readonly columns: Uint32Array;
  values: Float32Array | Float64Array;
}

const EMPTY: Block = {
  rows: new Uint32Array(0),
  columns: new Uint32Array(0),
  values: new Float32Array(0),
};

/** Entries of a sparse matrix in the order of its file; float32 where that holds the values exactly. */
export class EntryBlocks {
  readonly #blocks: Block[] = [];
  #length = 0;
  #exact32 = true;

  get length(): number {
    return this.#length;
  }

  add(row: number, column: number, value: number): void {
    const at = this.#length % BLOCK;
    if (at === 0) this.#grow();
    const block = this.#blocks[this.#blocks.length - 1];
    block.rows[at] = row;
    block.columns[at] = column;
    if (block.values instanceof Float32Array && Math.fround(value) !== value && !Number.isNaN(value)) {
      block.values = Float64Array.from(block.values);
      this.#exact32 = false;
    }
    block.values[at] = value;
    this.#length++;
  }

  #grow(): void {
    if (this.#length >= MAX_ENTRIES) {
      throw new DataError(
        'too-large',
        `the Matrix Market file has more than ${MAX_ENTRIES.toLocaleString('en-US')} entries, too many for a text file; open the .h5 of the same data`,
        'mtx',
      );
    }
    this.#blocks.push({
      rows: new Uint32Array(BLOCK),
      columns: new Uint32Array(BLOCK),
      values: new Float32Array(BLOCK),
    });
  }

  /**
   * All entries by the cell they belong to; blocks are given up as they are placed.
   * @param cells number of them
   * @param cellsAreColumns as in 10x files, which are genes × cells
   */
  takeByCell(cells: number, cellsAreColumns: boolean): RowsInMemory {
    const offsets = new Float64Array(cells + 1);
    this.#each(({ rows, columns }, used) => {
      const cellOf = cellsAreColumns ? columns : rows;
      for (let i = 0; i < used; i++) offsets[cellOf[i] + 1]++;
    });
    for (let cell = 0; cell < cells; cell++) offsets[cell + 1] += offsets[cell];
    const next = offsets.slice(0, cells);
    const placed = {
      columns: new Uint32Array(this.#length),
      values: this.#exact32 ? new Float32Array(this.#length) : new Float64Array(this.#length),
    };
    this.#each(({ rows, columns, values }, used, index) => {
      const [cellOf, geneOf] = cellsAreColumns ? [columns, rows] : [rows, columns];
      for (let i = 0; i < used; i++) {
        const at = next[cellOf[i]]++;
        placed.columns[at] = geneOf[i];
        placed.values[at] = values[i];
      }
      this.#blocks[index] = EMPTY;
    });
    return { offsets, ...placed };
  }

  #each(visit: (block: Block, used: number, index: number) => void): void {
    for (let index = 0; index * BLOCK < this.#length; index++) {
      visit(this.#blocks[index], Math.min(BLOCK, this.#length - index * BLOCK), index);
    }
  }
}
