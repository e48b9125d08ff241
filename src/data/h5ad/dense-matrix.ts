import type { MatrixName, SparseRows } from '../dataset.ts';
import { DataError } from '../errors.ts';
import type { Hierarchy } from '../hierarchy.ts';
import type { MatrixReader } from '../matrix-reader.ts';
import { concatenateRows, sparseFromDense } from '../sparse-rows.ts';

/** Values of one read; a row is read whole whatever its length. */
const BLOCK = 8_000_000;
const MAX_COLUMNS = 10_000_000;

/** A two-dimensional dataset read in blocks of rows. */
export function openDenseMatrix(reader: Hierarchy, path: string, name: MatrixName): MatrixReader {
  const { shape, kind } = reader.describe(path);
  if (shape.length !== 2 || shape[1] > MAX_COLUMNS) {
    throw new DataError('bad-shape', `${path} has the shape ${shape.join(' × ')}, not cells × genes`, path);
  }
  if (kind !== 'float' && kind !== 'integer' && kind !== 'boolean') {
    throw new DataError('unsupported-type', `${path} does not hold numbers of a kind that can be read`, path);
  }
  const [rows, columns] = shape;
  const rowsPerBlock = Math.max(1, Math.floor(BLOCK / Math.max(1, columns)));
  return {
    info: { name, storage: 'dense', rows, columns, stored: rows * columns },
    async rows(start, end) {
      const blocks: SparseRows[] = [];
      for (let from = start; from < end; from += rowsPerBlock) {
        const to = Math.min(from + rowsPerBlock, end);
        blocks.push(sparseFromDense(await reader.numbers(path, from, to), to - from, columns));
      }
      return blocks.length > 0 ? concatenateRows(blocks) : sparseFromDense(new Float64Array(0), 0, columns);
    },
  };
}
