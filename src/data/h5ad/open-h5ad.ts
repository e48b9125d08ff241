import type { Dataset, MatrixName } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { fileNameOf } from '../file-name.ts';
import type { MatrixReader } from '../matrix-reader.ts';
import type { Table } from '../table.ts';
import { openCompoundTable } from './compound-table.ts';
import { openDataFrame } from './dataframe.ts';
import { openDenseMatrix } from './dense-matrix.ts';
import { embeddingKeys, readEmbedding } from './embeddings.ts';
import { H5Reader } from './reader.ts';
import type { DataInput, H5Runtime } from './runtime.ts';
import { openSparseMatrix } from './sparse-matrix.ts';
import { readColors, readText } from './uns.ts';

/**
 * Opens an `.h5ad` file of any anndata version; obs, var and the outlines of the matrices are read at once,
 * their contents when asked for.
 * @throws DataError naming what is wrong; the file is closed again.
 */
export async function openH5ad(input: DataInput, runtime: H5Runtime): Promise<Dataset> {
  const reader = await H5Reader.open(input, runtime);
  try {
    return await openContents(reader, fileNameOf(input));
  } catch (error) {
    reader.close();
    throw error;
  }
}

async function openContents(reader: H5Reader, fileName: string): Promise<Dataset> {
  const members = reader.keys('/');
  if (!members.includes('obs') || !members.includes('var')) {
    const tenx = members.some(
      (name) => reader.type(name) === 'group' && reader.keys(name).includes('barcodes'),
    );
    throw tenx
      ? new DataError(
          'unsupported-format',
          'this is a 10x Genomics matrix; teddy-web opens .h5ad and Arrow',
          '10x',
        )
      : new DataError('not-anndata', 'this HDF5 file has no obs and var: it is no .h5ad file');
  }
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

  const varOf = (matrix: MatrixName): Table => {
    readerOf(matrix);
    return matrix === 'raw/X' && raw ? raw : variables;
  };
  const readerOf = (matrix: MatrixName): MatrixReader => {
    const found = matrices.get(matrix);
    if (!found) throw new DataError('missing', `the file has no matrix ${matrix}`, matrix);
    return found;
  };

  return {
    format: 'h5ad',
    fileName,
    nObs: obs.rows,
    nVars: variables.rows,
    matrices: [...matrices.values()].map(({ info }) => info),
    obsNames: () => obs.names(),
    obsColumns: obs.columns,
    obs: (name) => obs.column(name),
    varNames: async (matrix) => varOf(matrix).names(),
    varColumns: async (matrix) => varOf(matrix).columns,
    varColumn: async (matrix, name) => varOf(matrix).column(name),
    rows: async (matrix, start, end) => {
      const found = readerOf(matrix);
      if (!(0 <= start && start <= end && end <= found.info.rows)) {
        throw new RangeError(`rows ${start}–${end} of ${found.info.rows}`);
      }
      return found.rows(start, end);
    },
    obsmKeys: embeddingKeys(reader, obs.rows),
    obsm: (key) => readEmbedding(reader, key, obs.rows),
    colors: (column) => readColors(reader, column),
    unsString: (key) => readText(reader, `uns/${key}`),
    close: () => reader.close(),
  };
}

function openTable(reader: H5Reader, path: string): Table {
  return reader.type(path) === 'dataset' ? openCompoundTable(reader, path) : openDataFrame(reader, path);
}

function rawVarPath(reader: H5Reader, members: readonly string[]): string | null {
  if (members.includes('raw.var')) return 'raw.var';
  return reader.type('raw/var') === null ? null : 'raw/var';
}

/** X, raw/X (anndata ≤ 0.6: `raw.X`) and the layers, each checked against obs and var. */
async function openMatrices(
  reader: H5Reader,
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
async function openMatrix(reader: H5Reader, path: string, name: MatrixName): Promise<MatrixReader | null> {
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
