import type { MatrixInfo } from './dataset.ts';
import type { MatrixReader } from './matrix-reader.ts';
import { canonicalRows } from './sparse-rows.ts';

/** A whole matrix by rows; columns of a row in any order. */
export interface RowsInMemory {
  /** [rows + 1] */
  readonly offsets: Float64Array;
  readonly columns: Uint32Array;
  readonly values: Float32Array | Float64Array;
}

/** Ranges of rows of such a matrix, canonical. */
export function readerOfRows(
  info: MatrixInfo,
  { offsets, columns, values }: RowsInMemory,
  subject: string,
): MatrixReader {
  return {
    info,
    async rows(start, end) {
      const from = offsets[start];
      const to = offsets[end];
      return canonicalRows(
        {
          offsets: Float64Array.from({ length: end - start + 1 }, (_, r) => offsets[start + r] - from),
          indices: columns.subarray(from, to),
          values: values.subarray(from, to),
        },
        info.columns,
        subject,
      );
    },
  };
}
