import type { MatrixInfo, SparseRows } from '../dataset.ts';
import { DataError } from '../errors.ts';
import type { Hierarchy } from '../hierarchy.ts';
import type { MatrixReader } from '../matrix-reader.ts';
import { type RowsInMemory, readerOfRows } from '../rows-in-memory.ts';
import type { CompressedArrays } from './sparse-matrix.ts';

/** Stored values beyond which a column-compressed matrix is refused: 12 bytes each are held. */
const MAX_STORED = 250_000_000;
/** Stored values read in one piece. */
const PIECE = 4_000_000;

/**
 * A column-compressed matrix read by rows: on the first read it is transposed once into memory, in two
 * passes over pieces of the file (count the rows' entries, then place them).
 */
export class ColumnCompressed implements MatrixReader {
  readonly info: MatrixInfo;
  #byRow: Promise<MatrixReader> | null = null;

  constructor(
    private readonly reader: Hierarchy,
    private readonly arrays: CompressedArrays,
  ) {
    this.info = arrays.info;
  }

  async rows(start: number, end: number): Promise<SparseRows> {
    this.#byRow ??= this.#transpose().then((all) => readerOfRows(this.info, all, this.arrays.path));
    return (await this.#byRow).rows(start, end);
  }

  async #transpose(): Promise<RowsInMemory> {
    const { path, pointers } = this.arrays;
    const { rows, stored } = this.info;
    if (stored > MAX_STORED) {
      throw new DataError(
        'too-large',
        `${path} is stored by column and holds ${stored} values; save it by row (X.tocsr()) to open it`,
        path,
      );
    }
    const offsets = new Float64Array(rows + 1);
    for (let from = 0; from < stored; from += PIECE) {
      const indices = await this.reader.numbers(`${path}/indices`, from, Math.min(from + PIECE, stored));
      for (let k = 0; k < indices.length; k++) {
        const row = indices[k];
        if (!(row >= 0 && row < rows))
          throw new DataError('bad-index', `${path} names row ${row} of ${rows}`, path);
        offsets[row + 1]++;
      }
    }
    for (let row = 0; row < rows; row++) offsets[row + 1] += offsets[row];

    const { kind, size } = this.reader.describe(`${path}/data`);
    const exact32 = size < 4 || (kind === 'float' && size === 4);
    const placed = {
      columns: new Uint32Array(stored),
      values: exact32 ? new Float32Array(stored) : new Float64Array(stored),
    };
    const next = offsets.slice(0, rows);
    let column = 0;
    for (let from = 0; from < stored; from += PIECE) {
      const to = Math.min(from + PIECE, stored);
      const indices = await this.reader.numbers(`${path}/indices`, from, to);
      const values = await this.reader.numbers(`${path}/data`, from, to);
      for (let k = 0; k < indices.length; k++) {
        while (from + k >= pointers[column + 1]) column++;
        const at = next[indices[k]]++;
        placed.columns[at] = column;
        placed.values[at] = values[k];
      }
    }
    return { offsets, ...placed };
  }
}
