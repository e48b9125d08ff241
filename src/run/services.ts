import type { AuditFindings } from '../audit/findings.ts';
import type { MatrixScan } from '../data/choose-counts.ts';
import type { Column, DatasetFormat, DenseEmbedding, MatrixName } from '../data/dataset.ts';
import type { DatasetInput } from '../data/input.ts';
import type { EngineDescription, EngineKind, EnginePrecision } from '../engine/engine.ts';
import type { EngineChoice } from '../engine/select.ts';
import type { ModelConfig, Pooling } from '../model/config.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import type { TrainingRecord } from '../model/training-record.ts';
import type { LogCounts } from '../probe/types.ts';
import type { MappingMethod } from '../tokenize/gene-mapping.ts';
import type { CellResults, Provenance } from './results.ts';

/**
 * The two services behind the page and the command line. In the page each lives in a worker behind
 * src/worker/remote.ts; headless they are called directly. Everything that crosses is plain data.
 */

/** Where a model package is; plain data that any worker can open by itself. */
export type ModelLocation =
  | { readonly kind: 'embedded'; readonly name: string; readonly baseUrl: string }
  /** Dropped files, which the compute service keeps in the store of this browser, unless `keep` is false. */
  | {
      readonly kind: 'files';
      readonly name: string;
      readonly files: readonly { path: string; file: File }[];
      readonly keep?: boolean;
    }
  /** `name` is the model's id in the store of this browser (src/store). */
  | { readonly kind: 'opfs'; readonly name: string }
  | { readonly kind: 'directory'; readonly path: string };

/** Work so far. `done`/`total` in `unit`s; absent total = unknown. */
export interface Progress {
  readonly stage: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: 'bytes' | 'cells' | 'epochs' | 'kernels' | 'fits';
}

/** Common to every call that can take long. Callbacks cross workers by Comlink.proxy in remote.ts. */
export interface JobOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

// ---------------------------------------------------------------- dataset

export interface DatasetSummary {
  readonly fileName: string;
  readonly format: DatasetFormat;
  readonly nObs: number;
  readonly nVars: number;
  readonly scans: readonly MatrixScan[];
  /** The matrix taken for raw counts; null = none looks like counts. */
  readonly counts: MatrixName | null;
  /** One sentence why. */
  readonly reason: string;
  /** Sum of the first row of `counts`; null where there is no such matrix. */
  readonly firstCellSum: number | null;
  /** A sentence where most rows look like empty droplets. */
  readonly emptyNote: string | null;
  readonly obsColumns: readonly string[];
  readonly obsmKeys: readonly string[];
  /** Column that names the donor, when one is recognised. */
  readonly donorColumn: string | null;
}

export interface Histogram {
  /** [bins + 1] */
  readonly edges: readonly number[];
  /** [bins] cells */
  readonly counts: readonly number[];
}

export interface QualityReport {
  /** [nObs] genes with a count above 0, over the columns of the chosen matrix. */
  readonly genes: Uint32Array<ArrayBuffer>;
  /** [nObs] sum of counts. */
  readonly counts: Float64Array<ArrayBuffer>;
  /** [nObs] share of counts in the 37 mitochondrial genes; null = the file has none of them. */
  readonly mitochondrial: Float32Array<ArrayBuffer> | null;
}

/** What the gene mapping found; `unmapped*` name at most a few examples. */
export interface GeneReport {
  /** The var column ids were taken from: a column name or "index". */
  readonly source: string;
  readonly columns: number;
  /** Columns that have an Ensembl id. */
  readonly mapped: number;
  /** Columns whose id is in the model's vocabulary. */
  readonly inVocabulary: number;
  readonly ambiguous: number;
  readonly byMethod: Readonly<Record<MappingMethod, number>>;
  /** Columns in the vocabulary through a one-to-one ortholog: mouse genes and a model of human ones. */
  readonly byOrtholog: number;
  /** Columns that are no genes (antibodies, peaks, tags): neither read nor counted. */
  readonly otherFeatures: number;
  /** Share of all counts that falls on vocabulary genes. */
  readonly countShare: number;
  readonly unmappedExamples: readonly string[];
  /** "765 genes: a panel or a subset of genes, …" when it looks like one. */
  readonly panelNote: string | null;
  /** Organism as recorded or as the ids tell: 'human', 'mouse', other recorded name, or null. */
  readonly organism: string | null;
}

export interface Preflight {
  readonly matrix: MatrixName;
  readonly genes: GeneReport;
  readonly quality: QualityReport;
  /** Mean tokens a cell for this model, from the QC pass (estimate of work). */
  readonly meanTokens: number;
}

/** Which cells to embed. `rows` of 'rows' are ascending. */
export type CellSelection =
  | { readonly kind: 'all' }
  | { readonly kind: 'values'; readonly column: string; readonly values: readonly string[] }
  | {
      readonly kind: 'random';
      readonly count: number;
      readonly seed: number;
      readonly balanceBy: string | null;
    }
  | { readonly kind: 'first'; readonly count: number }
  | { readonly kind: 'rows'; readonly rows: Uint32Array<ArrayBuffer> };

export interface CellGene {
  /** From 1. */
  readonly rank: number;
  readonly ensemblId: string;
  readonly symbol: string;
  readonly count: number;
}

/** A gene of the file: its symbol (or id), and the Ensembl ids of the columns of that name. */
export interface GeneName {
  readonly name: string;
  readonly ensemblIds: readonly string[];
}

/** What the open file's cells are compared with, beside each other. */
export interface AuditRequest {
  readonly matrix: MatrixName;
  /** Whose values a split keeps apart: donors; null = the file names none. */
  readonly groupColumn: string | null;
  /** The model whose training cells are looked for. */
  readonly model: ModelLocation | null;
  /** Another file of cells, or a sketch of one. */
  readonly against: File | string | null;
}

export interface TokenizeOptions extends JobOptions {
  /** Tokens of a cell, at most; absent = as many as the model of the pre-flight reads. */
  readonly maxPositionEmbeddings?: number | undefined;
}

export interface DatasetService {
  /** Opens and inspects; files are read lazily, several are joined as samples. Replaces what was open. */
  open(input: DatasetInput, options: JobOptions): Promise<DatasetSummary>;
  /** QC and gene mapping of the chosen matrix against a model's vocabulary (one pass over the counts). */
  preflight(model: ModelLocation, matrix: MatrixName, options: JobOptions): Promise<Preflight>;
  /**
   * What became of every column of a matrix for a model, as tab-separated text with a header: name, Ensembl
   * id, how it was found, ortholog, whether the vocabulary has it.
   */
  geneReport(model: ModelLocation, matrix: MatrixName, options: JobOptions): Promise<string>;
  /** Rows of the file a selection means, ascending. */
  select(selection: CellSelection): Promise<Uint32Array<ArrayBuffer>>;
  /** Tokens of the given rows (ascending), in that order. Needs preflight first. */
  tokenize(rows: Uint32Array<ArrayBuffer>, options: TokenizeOptions): Promise<TokenBatch>;
  obs(column: string): Promise<Column>;
  obsNames(): Promise<readonly string[]>;
  obsm(key: string): Promise<DenseEmbedding>;
  colors(column: string): Promise<readonly string[] | null>;
  /** Genes for the "colour by gene" box. */
  genes(): Promise<readonly GeneName[]>;
  /** [rows] log1p of counts per 10,000 of one gene (by a name from `genes`). */
  geneExpression(name: string, rows: Uint32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  /**
   * log1p of counts per 10,000 of the given rows (ascending), over all columns of the matrix of the
   * pre-flight. @throws RunError 'too-many-values' beyond 2^28 stored values
   */
  logCounts(rows: Uint32Array<ArrayBuffer>, options: JobOptions): Promise<LogCounts>;
  /** The highest-ranked genes of a cell. */
  topGenes(row: number, count: number): Promise<readonly CellGene[]>;
  /** Looks for cells that occur twice, or in what a model was trained on, or in another file. Needs no preflight. */
  audit(request: AuditRequest, options: JobOptions): Promise<AuditFindings>;
  /** A file of the results with all obs of the embedded cells. */
  export(
    format: ExportFormat,
    results: CellResults,
    provenance: Provenance,
    options?: JobOptions,
  ): Promise<ResultsExport>;
  /**
   * The open `.h5ad` itself with the results added, for all of its cells; where that cannot be, the results alone and a
   * sentence why.
   */
  exportWhole(results: CellResults, provenance: Provenance, options: JobOptions): Promise<WholeExport>;
  close(): Promise<void>;
}

export type ExportFormat = 'h5ad' | 'zarr' | 'parquet' | 'arrow' | 'csv';

/** A file too large for memory: a browser's own, or on the disk, for the caller to move away. */
export type LargeFile = Blob | { readonly path: string };

export interface ResultsExport {
  /** Ready to save. */
  readonly content: Uint8Array<ArrayBuffer>;
  /** What of the file could not be read and is left out; null where nothing is. */
  readonly note: string | null;
}

export interface WholeExport {
  /** Bytes where it is the results alone. */
  readonly content: LargeFile | Uint8Array<ArrayBuffer>;
  /** What is other than asked for: the results alone, or names of ours that the file had already. */
  readonly note: string | null;
}

// ---------------------------------------------------------------- compute

export type { EngineChoice };

export interface LoadedModel {
  readonly name: string;
  readonly sha256: string;
  /** Hex SHA-256 of the tokens, one a line: models of one vocabulary read the same genes. */
  readonly vocabularySha256: string;
  readonly config: ModelConfig;
  readonly parameters: number;
  readonly engine: EngineDescription;
  /** model card; null for packages without training.json (published checkpoints). */
  readonly training: TrainingRecord | null;
  /** Plain sentences the user should see: demoted kernels, weights kept in memory only, extra tensors … */
  readonly notices: readonly string[];
  /** Measured on a small synthetic batch at load; null when not yet known. */
  readonly tokensPerSecond: number | null;
  /** Bytes of weights and work buffers on the device. */
  readonly deviceBytes: number;
}

export interface LoadOptions extends JobOptions {
  /** The user's wish; absent = recommended. A failing self-test demotes to the next. */
  readonly engine?: EngineKind;
  /** How weights are stored and multiplied (default f32); float32 where the engine has not this one, with a notice. */
  readonly precision?: EnginePrecision;
  /** Test switch: this kernel is broken on purpose before the self-test. */
  readonly breakKernel?: string;
}

export interface EncodeJobOptions extends JobOptions {
  /** A sentence for the user: the engine was rebuilt or replaced under way. */
  readonly onNotice?: (sentence: string) => void;
  /** Also give the last-layer states of the annotation tokens (default false). */
  readonly annotationStates?: boolean;
}

export interface ComputeService {
  engines(): Promise<EngineChoice>;
  load(model: ModelLocation, options: LoadOptions): Promise<LoadedModel>;
  /** Results of one batch in the batch's order, with predictions judged against the training reference. */
  encode(batch: TokenBatch, pooling: Pooling, options: EncodeJobOptions): Promise<CellResults>;
  unload(): Promise<void>;
}
