import { assembleDataset } from '../assemble-dataset.ts';
import type { Dataset, MatrixInfo, SparseRows } from '../dataset.ts';
import { DataError } from '../errors.ts';
import type { MatrixReader } from '../matrix-reader.ts';
import { canonicalRows, concatenateRows, sparseFromDense } from '../sparse-rows.ts';
import { joinCells } from './cells.ts';
import { type JoinedGenes, joinGenes } from './genes.ts';
import { sampleNames } from './sample-names.ts';

/** More datasets at once are taken for a mistake. */
const MAX_SAMPLES = 200;
/** Cells whose counts are compared where two datasets name their cells alike. */
const COMPARED = 8;
/** What opening a file that lies in a dropped folder without being a dataset ends with. */
const NO_DATASET = new Set(['unsupported-format', 'not-anndata', 'not-a-dataset', 'missing-parts']);

/** Where a dataset lies, and whether the user named it himself: else it may be passed over. */
export interface GivenDataset {
  readonly path: string;
  readonly named: boolean;
}

/**
 * Several datasets as one: the cells of all, one after the other, over the union of their genes, with a column
 * `sample` made from the files' names. A gene that one file does not list has no counts in its cells, which is what
 * it has in a file of its own: no count is dropped, and every cell keeps its library and its tokens, which an
 * intersection would change. Embeddings are left out: those of different files do not share their axes.
 * @param given the datasets
 * @param open opens one of them
 * @throws DataError `not-together` where they do not fit, naming the file
 */
export async function openSamples(
  given: readonly GivenDataset[],
  fileName: string,
  open: (index: number) => Promise<Dataset>,
  signal?: AbortSignal,
): Promise<Dataset> {
  if (given.length > MAX_SAMPLES)
    throw new DataError(
      'not-together',
      `${given.length} datasets are too many at once (${MAX_SAMPLES} at most)`,
    );
  const datasets: Dataset[] = [];
  const used: string[] = [];
  const close = () => {
    for (const dataset of datasets) dataset.close();
  };
  try {
    for (const [index, { path, named }] of given.entries()) {
      signal?.throwIfAborted();
      try {
        datasets.push(await open(index));
        used.push(path);
      } catch (error) {
        const passed = !named && error instanceof DataError && NO_DATASET.has(error.code);
        if (!passed) throw error;
      }
    }
    if (datasets.length === 0) throw new DataError('not-a-dataset', 'no file in this folder is a dataset');
    return datasets.length === 1 ? datasets[0] : await join(datasets, used, fileName, close);
  } catch (error) {
    close();
    throw error;
  }
}

async function join(
  datasets: readonly Dataset[],
  paths: readonly string[],
  fileName: string,
  close: () => void,
): Promise<Dataset> {
  const samples = sampleNames(paths);
  const starts = [0];
  for (const { nObs } of datasets) starts.push(starts[starts.length - 1] + nObs);
  const shared = datasets[0].matrices.filter(({ name }) =>
    datasets.every(({ matrices }) => matrices.some((matrix) => matrix.name === name)),
  );
  if (shared.length === 0) {
    throw new DataError('not-together', 'the files have no matrix of one name, and cannot be opened as one');
  }
  const matrices = new Map<string, { reader: MatrixReader; genes: JoinedGenes['table'] }>();
  for (const { name } of shared) {
    const genes = await joinGenes(datasets, name, paths);
    matrices.set(name, { reader: joinedReader(datasets, starts, name, genes), genes: genes.table });
  }
  await refuseTwins(datasets, paths);
  const [main] = matrices.values();
  const formats = new Set(datasets.map(({ format }) => format));
  return assembleDataset({
    format: formats.size === 1 ? datasets[0].format : 'several',
    fileName,
    cells: joinCells(datasets, samples),
    genes: matrices.get('X')?.genes ?? main.genes,
    matrices,
    async unsString(key) {
      const values = new Set(await Promise.all(datasets.map((dataset) => dataset.unsString(key))));
      const [value] = values;
      return values.size === 1 ? value : null;
    },
    close,
  });
}

/** The same cells in two formats would count twice. @throws DataError `not-together` */
async function refuseTwins(datasets: readonly Dataset[], paths: readonly string[]): Promise<void> {
  const seen = new Map<string, number>();
  for (const [index, dataset] of datasets.entries()) {
    const [matrix] = dataset.matrices;
    if (dataset.nObs === 0 || matrix === undefined) continue;
    const names = await dataset.obsNames();
    const { indptr, values } = await dataset.rows(matrix.name, 0, Math.min(COMPARED, dataset.nObs));
    const mark = JSON.stringify([names, [...indptr], [...values].sort()]);
    const twin = seen.get(mark);
    if (twin !== undefined)
      throw new DataError(
        'not-together',
        `${paths[twin]} and ${paths[index]} hold the same cells`,
        paths[index],
      );
    seen.set(mark, index);
  }
}

function joinedReader(
  datasets: readonly Dataset[],
  starts: readonly number[],
  name: string,
  { table, columnsOf }: JoinedGenes,
): MatrixReader {
  const parts = datasets.map(({ matrices }) => matrices.find((matrix) => matrix.name === name));
  const info: MatrixInfo = {
    name,
    storage: parts.every((part) => part?.storage === 'dense') ? 'dense' : 'csr',
    rows: starts[starts.length - 1],
    columns: table.rows,
    stored: parts.reduce((sum, part) => sum + (part?.stored ?? 0), 0),
  };
  return {
    info,
    async rows(start, end) {
      const blocks: SparseRows[] = [];
      for (const [s, dataset] of datasets.entries()) {
        const from = Math.max(start, starts[s]);
        const to = Math.min(end, starts[s + 1]);
        if (from >= to) continue;
        const block = await dataset.rows(name, from - starts[s], to - starts[s]);
        const { indptr, indices, values } = block;
        const moved = indices.map((column) => columnsOf[s][column]);
        blocks.push(canonicalRows({ offsets: indptr, indices: moved, values }, info.columns, name));
      }
      return blocks.length > 0 ? concatenateRows(blocks) : sparseFromDense([], 0, info.columns);
    },
  };
}
