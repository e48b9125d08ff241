import type { Dataset, DatasetFormat, DenseEmbedding, MatrixName } from './dataset.ts';
import { DataError } from './errors.ts';
import type { MatrixReader } from './matrix-reader.ts';
import type { Table } from './table.ts';

/** A matrix and the table of its genes. */
interface MatrixPart {
  readonly reader: MatrixReader;
  readonly genes: Table;
}

/** What a reader has found in a file. */
export interface DatasetParts {
  readonly format: DatasetFormat;
  readonly fileName: string;
  readonly cells: Table;
  /** Genes of the main matrix. */
  readonly genes: Table;
  readonly matrices: ReadonlyMap<MatrixName, MatrixPart>;
  readonly obsmKeys?: readonly string[];
  readonly obsm?: (key: string) => Promise<DenseEmbedding>;
  readonly colors?: (column: string) => Promise<readonly string[] | null>;
  readonly unsString?: (key: string) => Promise<string | null>;
  readonly close?: () => void;
}

/** A dataset of its parts; what is asked for in vain is an error of one form for all formats. */
export function assembleDataset(parts: DatasetParts): Dataset {
  const part = (matrix: MatrixName): MatrixPart => {
    const found = parts.matrices.get(matrix);
    if (!found) throw new DataError('missing', `the file has no matrix ${matrix}`, matrix);
    return found;
  };
  return {
    format: parts.format,
    fileName: parts.fileName,
    nObs: parts.cells.rows,
    nVars: parts.genes.rows,
    matrices: [...parts.matrices.values()].map(({ reader }) => reader.info),
    obsNames: () => parts.cells.names(),
    obsColumns: parts.cells.columns,
    obs: (name) => parts.cells.column(name),
    varNames: async (matrix) => part(matrix).genes.names(),
    varColumns: async (matrix) => part(matrix).genes.columns,
    varColumn: async (matrix, name) => part(matrix).genes.column(name),
    rows: async (matrix, start, end) => {
      const { reader } = part(matrix);
      if (!(0 <= start && start <= end && end <= reader.info.rows)) {
        throw new RangeError(`rows ${start}–${end} of ${reader.info.rows}`);
      }
      return reader.rows(start, end);
    },
    obsmKeys: parts.obsmKeys ?? [],
    obsm:
      parts.obsm ??
      (async (key) => {
        throw new DataError('missing', `the file has no array ${key}`, key);
      }),
    colors: parts.colors ?? (async () => null),
    unsString: parts.unsString ?? (async () => null),
    close: parts.close ?? (() => undefined),
  };
}
