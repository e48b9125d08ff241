import type { Dataset, SparseRows } from '../data/dataset.ts';
import type { GeneMapping } from '../tokenize/gene-mapping.ts';

/** What reading rows of counts takes. */
export type RowSource = Pick<Dataset, 'rows'>;

/**
 * The rows of a dataset without the columns that are no genes: antibodies and tags belong neither to a cell's
 * total nor to its genes. The dataset itself where all are genes.
 */
export function genesOnly(dataset: RowSource, { methods, otherFeatures }: GeneMapping): RowSource {
  if (otherFeatures === 0) return dataset;
  const isGene = Uint8Array.from(methods, (method) => (method === 'not a gene' ? 0 : 1));
  return {
    rows: async (matrix, start, end) => keepColumns(await dataset.rows(matrix, start, end), isGene),
  };
}

function keepColumns({ rowCount, indptr, indices, values }: SparseRows, kept: Uint8Array): SparseRows {
  const offsets = new Uint32Array(rowCount + 1);
  const keptIndices = new Uint32Array(indices.length);
  const keptValues = new Float64Array(values.length);
  let write = 0;
  for (let row = 0; row < rowCount; row++) {
    for (let k = indptr[row]; k < indptr[row + 1]; k++) {
      if (kept[indices[k]] === 0) continue;
      keptIndices[write] = indices[k];
      keptValues[write++] = values[k];
    }
    offsets[row + 1] = write;
  }
  return {
    rowCount,
    indptr: offsets,
    indices: keptIndices.slice(0, write),
    values: keptValues.slice(0, write),
  };
}
