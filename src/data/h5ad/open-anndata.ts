import { assembleDataset } from '../assemble-dataset.ts';
import type { Dataset, MatrixName } from '../dataset.ts';
import { DataError } from '../errors.ts';
import type { Hierarchy } from '../hierarchy.ts';
import type { MatrixReader } from '../matrix-reader.ts';
import type { Table } from '../table.ts';
import { openCompoundTable } from './compound-table.ts';
import { openDataFrame } from './dataframe.ts';
import { openDenseMatrix } from './dense-matrix.ts';
import { embeddingKeys, readEmbedding } from './embeddings.ts';
import { openSparseMatrix } from './sparse-matrix.ts';
import { readColors, readText } from './uns.ts';

/**
 * Opens the AnnData object of an HDF5 file or zarr store, of any anndata version; obs, var and the outlines of
 * the matrices are read at once, their contents when asked for.
 * @throws DataError naming what is wrong; closing the hierarchy is left to the caller then.
 */
export async function openAnnData(
  reader: Hierarchy,
  fileName: string,
  format: 'h5ad' | 'zarr',
): Promise<Dataset> {
  const members = reader.keys('/');
  const obs = openTable(reader, 'obs');
  const variables = openTable(reader, 'var');
  const matrices = await openMatrices(reader, members, obs.rows, variables.rows);
  const rawVariables = rawVarPath(reader, members);
  const raw = rawVariables === null ? null : openTable(reader, rawVariables);
  const rawMatrix = matrices.get('raw/X');
  const rawGenes = (raw ?? variables).rows;
  if (rawMatrix && rawMatrix.info.columns !== rawGenes) {
    throw new DataError(
      'bad-shape',
      `raw/X has ${rawMatrix.info.columns} columns for ${rawGenes} genes`,
      'raw/X',
    );
  }

  return assembleDataset({
    format,
    fileName,
    cells: obs,
    genes: variables,
    matrices: new Map(
      [...matrices].map(([name, matrix]) => [
        name,
        { reader: matrix, genes: name === 'raw/X' && raw ? raw : variables },
      ]),
    ),
    obsmKeys: embeddingKeys(reader, obs.rows),
    obsm: (key) => readEmbedding(reader, key, obs.rows),
    colors: (column) => readColors(reader, column),
    unsString: (key) => readText(reader, `uns/${key}`),
    close: () => reader.close(),
  });
}

function openTable(reader: Hierarchy, path: string): Table {
  return reader.type(path) === 'dataset' ? openCompoundTable(reader, path) : openDataFrame(reader, path);
}

function rawVarPath(reader: Hierarchy, members: readonly string[]): string | null {
  if (members.includes('raw.var')) return 'raw.var';
  return reader.type('raw/var') === null ? null : 'raw/var';
}

/** X, raw/X (anndata ≤ 0.6: `raw.X`) and the layers, each checked against obs and var. */
async function openMatrices(
  reader: Hierarchy,
  members: readonly string[],
  cells: number,
  genes: number,
): Promise<Map<MatrixName, MatrixReader>> {
  const paths: [MatrixName, string][] = [
    ['X', 'X'],
    ['raw/X', members.includes('raw.X') ? 'raw.X' : 'raw/X'],
    ...reader.keys('layers').map((layer): [MatrixName, string] => [`layers/${layer}`, `layers/${layer}`]),
  ];
  const matrices = new Map<MatrixName, MatrixReader>();
  for (const [name, path] of paths) {
    const matrix = await openMatrix(reader, path, name);
    if (matrix === null) continue;
    const { rows, columns } = matrix.info;
    if (rows !== cells || (name !== 'raw/X' && columns !== genes)) {
      throw new DataError(
        'bad-shape',
        `${name} is ${rows} × ${columns} beside ${cells} cells and ${genes} genes`,
        name,
      );
    }
    matrices.set(name, matrix);
  }
  return matrices;
}

/** The matrix at a path; null where there is none, or a layer of a kind that cannot hold counts. */
async function openMatrix(reader: Hierarchy, path: string, name: MatrixName): Promise<MatrixReader | null> {
  const type = reader.type(path);
  if (type === null) return null;
  if (type === 'dataset') {
    const axes = reader.describe(path).shape.length;
    const isNone = axes === 0 || (axes > 2 && name.startsWith('layers/'));
    return isNone ? null : openDenseMatrix(reader, path, name);
  }
  const encoding =
    reader.textAttribute(path, 'encoding-type') ?? reader.textAttribute(path, 'h5sparse_format') ?? '';
  if (encoding.startsWith('csr')) return openSparseMatrix(reader, path, name, 'csr');
  if (encoding.startsWith('csc')) return openSparseMatrix(reader, path, name, 'csc');
  if (name.startsWith('layers/')) return null;
  throw new DataError(
    'unsupported-type',
    `${path} is stored as "${encoding}", which is no matrix we know`,
    path,
  );
}
