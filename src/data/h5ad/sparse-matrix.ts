import type { MatrixInfo, MatrixName } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { type Hierarchy, toExtents } from '../hierarchy.ts';
import type { MatrixReader } from '../matrix-reader.ts';
import { canonicalRows } from '../sparse-rows.ts';
import { ColumnCompressed } from './column-compressed.ts';

/** Larger claims are taken for a lying header rather than allocated for. */
const MAX_EXTENT = 50_000_000;

/** The arrays of a compressed sparse matrix and their checked extents. */
export interface CompressedArrays {
  readonly path: string;
  readonly info: MatrixInfo;
  /** Offsets of the compressed axis, ascending from 0 to `info.stored`. */
  readonly pointers: ArrayLike<number>;
}

/** The two extents an anndata sparse group (new or `h5sparse`) states. */
function sparseShape(reader: Hierarchy, path: string): readonly number[] {
  return toExtents(reader.attribute(path, 'shape') ?? reader.attribute(path, 'h5sparse_shape'));
}

function checkShape(extents: readonly number[], path: string): void {
  const valid =
    extents.length === 2 && extents.every((n) => Number.isInteger(n) && n >= 0 && n <= MAX_EXTENT);
  if (!valid)
    throw new DataError('bad-shape', `${path} states no usable shape (${extents.join(' × ')})`, path);
}

/**
 * A CSR or CSC matrix group (`data`, `indices`, `indptr`).
 * @throws DataError `bad-shape`, `bad-index` where the arrays contradict each other.
 */
export async function openSparseMatrix(
  reader: Hierarchy,
  path: string,
  name: MatrixName,
  storage: 'csr' | 'csc',
): Promise<MatrixReader> {
  return openCompressed(reader, path, name, storage, sparseShape(reader, path));
}

/**
 * The same with its shape known from elsewhere.
 * @param shape [rows, columns], checked here
 */
export async function openCompressed(
  reader: Hierarchy,
  path: string,
  name: MatrixName,
  storage: 'csr' | 'csc',
  shape: readonly number[],
): Promise<MatrixReader> {
  checkShape(shape, path);
  const [rows, columns] = shape;
  const compressed = storage === 'csr' ? rows : columns;
  const data = reader.describe(`${path}/data`);
  const indices = reader.describe(`${path}/indices`);
  const indptr = reader.describe(`${path}/indptr`);
  if (indptr.shape.length !== 1 || indptr.shape[0] !== compressed + 1) {
    throw new DataError(
      'bad-shape',
      `${path}/indptr has ${indptr.shape[0]} entries for ${compressed} ${storage === 'csr' ? 'rows' : 'columns'}`,
      path,
    );
  }
  if (data.shape.length !== 1 || indices.shape.length !== 1 || data.shape[0] !== indices.shape[0]) {
    throw new DataError(
      'bad-shape',
      `${path} has ${data.shape[0]} values but ${indices.shape[0]} indices`,
      path,
    );
  }
  const pointers = await reader.numbers(`${path}/indptr`);
  checkPointers(pointers, data.shape[0], path);
  const info: MatrixInfo = { name, storage, rows, columns, stored: data.shape[0] };
  const arrays: CompressedArrays = { path, info, pointers };
  return storage === 'csr' ? rowCompressed(reader, arrays) : new ColumnCompressed(reader, arrays);
}

function checkPointers(pointers: ArrayLike<number>, stored: number, path: string): void {
  if (pointers[0] !== 0)
    throw new DataError('bad-index', `${path}/indptr starts at ${pointers[0]}, not 0`, path);
  for (let i = 1; i < pointers.length; i++) {
    if (!(pointers[i] >= pointers[i - 1]))
      throw new DataError('bad-index', `${path}/indptr descends at ${i}`, path);
  }
  const last = pointers[pointers.length - 1];
  if (last !== stored) {
    throw new DataError('bad-shape', `${path}/indptr ends at ${last} but ${stored} values are stored`, path);
  }
}

function rowCompressed(reader: Hierarchy, { path, info, pointers }: CompressedArrays): MatrixReader {
  return {
    info,
    async rows(start, end) {
      const from = pointers[start];
      const to = pointers[end];
      const offsets = Float64Array.from({ length: end - start + 1 }, (_, r) => pointers[start + r] - from);
      const indices = await reader.numbers(`${path}/indices`, from, to);
      const values = await reader.numbers(`${path}/data`, from, to);
      return canonicalRows({ offsets, indices, values }, info.columns, path);
    },
  };
}
