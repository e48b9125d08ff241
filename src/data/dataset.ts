/** One column of obs or var; missing values are −1 codes, null, NaN with `missing`, or `missing`. */
export type Column =
  | {
      readonly kind: 'categorical';
      /** [n], −1 = missing. */
      readonly codes: Int32Array<ArrayBuffer>;
      readonly categories: readonly string[];
      /** What the file keeps the categories as, where it is not text. */
      readonly categoryKind?: 'integer' | 'float' | 'boolean';
      readonly ordered: boolean;
    }
  | { readonly kind: 'string'; readonly values: readonly (string | null)[] }
  | {
      readonly kind: 'numeric';
      /** [n], NaN where missing. */
      readonly values: Float64Array<ArrayBuffer>;
      readonly integer: boolean;
      /** [n] the integers themselves, 0 where missing; there only where some are beyond what a double holds. */
      readonly exact?: LongIntegers;
    }
  | {
      readonly kind: 'boolean';
      /** [n] 0 or 1. */
      readonly values: Uint8Array<ArrayBuffer>;
      /** [n] 1 = missing; absent when none is. */
      readonly missing?: Uint8Array<ArrayBuffer>;
    };

/** 64-bit integers as they are stored. */
export type LongIntegers = BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>;

/** Name of a matrix as anndata users say it: `X`, `raw/X`, `layers/counts`. */
export type MatrixName = string;

export interface MatrixInfo {
  readonly name: MatrixName;
  readonly storage: 'dense' | 'csr' | 'csc';
  readonly rows: number;
  readonly columns: number;
  /** Stored values where known (sparse), else rows × columns. */
  readonly stored: number;
}

/** Rows of a count matrix in CSR form; column indices ascending within a row, duplicates summed. */
export interface SparseRows {
  readonly rowCount: number;
  /** [rowCount + 1] */
  readonly indptr: Uint32Array<ArrayBuffer>;
  /** [stored] columns */
  readonly indices: Uint32Array<ArrayBuffer>;
  /** [stored] values as stored in the file; zeros may be left out. */
  readonly values: Float64Array<ArrayBuffer>;
}

export interface DenseEmbedding {
  readonly data: Float32Array<ArrayBuffer>;
  readonly columns: number;
  /** The same as the file has it, where float32 cannot hold it: for exports, which change nothing. */
  readonly exact?: Float64Array<ArrayBuffer>;
}

/** What a dataset was read from; `several` = joined of files of different formats. */
export type DatasetFormat = 'h5ad' | '10x-h5' | 'mtx' | 'zarr' | 'arrow' | 'parquet' | 'several';

/**
 * An opened file of cells, read lazily. All methods may throw a DataError (src/data/errors.ts).
 * Implementations: a folder of src/data for each format (formats.ts).
 */
export interface Dataset {
  readonly format: DatasetFormat;
  readonly fileName: string;
  readonly nObs: number;
  /** Genes of the main matrix (var), where raw/X may have more. */
  readonly nVars: number;
  readonly matrices: readonly MatrixInfo[];
  readonly obsNames: () => Promise<readonly string[]>;
  /** obs columns in file order, without the index. */
  readonly obsColumns: readonly string[];
  obs(name: string): Promise<Column>;
  /** Gene names (var index) of the table that goes with `matrix`: raw/var for raw/X, else var. */
  varNames(matrix: MatrixName): Promise<readonly string[]>;
  varColumns(matrix: MatrixName): Promise<readonly string[]>;
  varColumn(matrix: MatrixName, name: string): Promise<Column>;
  /** Rows [start, end) of a matrix. Read ≥256 at a time where there are so many. */
  rows(matrix: MatrixName, start: number, end: number): Promise<SparseRows>;
  /** obsm keys that hold a numeric two-dimensional array (`X_umap`, `X_pca`, `spatial`). */
  readonly obsmKeys: readonly string[];
  obsm(key: string): Promise<DenseEmbedding>;
  /** `uns['<column>_colors']` as CSS colours in category order, or null. */
  colors(column: string): Promise<readonly string[] | null>;
  /** String value of a top-level uns key (`organism`, `title`), or null. */
  unsString(key: string): Promise<string | null>;
  close(): void;
}
