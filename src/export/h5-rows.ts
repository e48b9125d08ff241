import type { H5Dataset, H5Group } from './h5-place.ts';
import type { EmbeddingValues, NamedEmbedding } from './table.ts';

/** Values written at once, and of one chunk: 4 MiB of float32. */
const BLOCK_VALUES = 2 ** 20;

/** Which cells of a file an embedding is of. */
export interface EmbeddedRows {
  /** Ascending. */
  readonly rows: Uint32Array;
  readonly cells: number;
}

/**
 * Writes [cells, columns] with NaN for the cells that are not among `rows`, a block at a time; packed with gzip where most
 * are such.
 */
export async function writeEmbedding(
  obsm: H5Group,
  name: string,
  { data, columns }: NamedEmbedding,
  { rows, cells }: EmbeddedRows,
  pause: () => Promise<void>,
): Promise<H5Dataset> {
  const height = Math.max(1, Math.min(cells, Math.floor(BLOCK_VALUES / columns)));
  let at = 0;
  const block = (from: number, to: number): EmbeddingValues => {
    const length = (to - from) * columns;
    const values = data instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
    values.fill(Number.NaN);
    for (; at < rows.length && rows[at] < to; at++) {
      values.set(data.subarray(at * columns, (at + 1) * columns), (rows[at] - from) * columns);
    }
    return values;
  };
  obsm
    .create_dataset({
      name,
      data: block(0, height),
      shape: [height, columns],
      maxshape: [cells, columns],
      chunks: [height, columns],
      ...(2 * rows.length < cells ? { compression: 'gzip' as const, compression_opts: 1 } : {}),
    })
    .resize([cells, columns]);
  // Asked for anew: the library remembers the extents a dataset had.
  const dataset = obsm.get(name) as H5Dataset;
  for (let from = height; from < cells; from += height) {
    await pause();
    const to = Math.min(from + height, cells);
    dataset.write_slice(
      [
        [from, to],
        [0, columns],
      ],
      block(from, to),
    );
  }
  return dataset;
}
