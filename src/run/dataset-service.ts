import { chooseCounts } from '../data/choose-counts.ts';
import type { Column, Dataset, DenseEmbedding, MatrixName } from '../data/dataset.ts';
import { donorColumn } from '../data/donor-column.ts';
import type { H5Runtime } from '../data/h5ad/runtime.ts';
import type { DatasetInput } from '../data/input.ts';
import { openDataset } from '../data/open.ts';
import { openTokenizerPackage } from '../model/package.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import type { GeneMapping } from '../tokenize/gene-mapping.ts';
import { GeneTable } from '../tokenize/gene-table.ts';
import { TokenBatchBuilder } from '../tokenize/token-batch.ts';
import { withheldByData } from '../tokenize/withhold.ts';
import { RunError } from './errors.ts';
import { mapColumns } from './gene-columns.ts';
import { geneExpression, mappedGenes, topGenes } from './gene-views.ts';
import type { OpenSource } from './model-opener.ts';
import { type Prepared, prepare } from './preflight.ts';
import { onRow, readRows } from './row-reader.ts';
import { selectRows } from './selection.ts';
import type {
  CellGene,
  CellResults,
  CellSelection,
  DatasetService,
  DatasetSummary,
  ExportFormat,
  GeneName,
  JobOptions,
  ModelLocation,
  Preflight,
  Provenance,
} from './services.ts';
import { exportResults, type ScratchFiles } from './write-export.ts';

/** Where the gene table lies below the site, or the package. */
const GENE_TABLE = 'genes/human.tsv.gz';

/** How a dataset service reaches the world: the page's worker and Node differ in nothing else. */
export interface DatasetEnvironment {
  readonly runtime: H5Runtime;
  readonly openSource: OpenSource;
  /** A file of public/, by its path there. */
  readonly readAsset: (path: string) => Promise<Uint8Array<ArrayBuffer>>;
  readonly scratch: ScratchFiles;
}

/** The open file and what has been found out about it. Runs in the dataset worker, or directly. */
export class LocalDatasetService implements DatasetService {
  #dataset: Dataset | null = null;
  #prepared: Prepared | null = null;
  readonly #mappings = new Map<MatrixName, GeneMapping>();
  #table: Promise<GeneTable> | null = null;

  /** @param openFile another way to open a file, for tests */
  constructor(
    private readonly environment: DatasetEnvironment,
    private readonly openFile: (input: DatasetInput, signal?: AbortSignal) => Promise<Dataset> = (
      input,
      signal,
    ) => openDataset(input, environment.runtime, signal),
  ) {}

  async open(input: DatasetInput, { signal }: JobOptions): Promise<DatasetSummary> {
    await this.close();
    const dataset = await this.openFile(input, signal);
    try {
      const choice = await chooseCounts(dataset, signal);
      this.#dataset = dataset;
      return {
        fileName: dataset.fileName,
        format: dataset.format,
        nObs: dataset.nObs,
        nVars: dataset.nVars,
        ...choice,
        obsColumns: dataset.obsColumns,
        obsmKeys: dataset.obsmKeys,
        donorColumn: donorColumn(dataset.obsColumns),
      };
    } catch (error) {
      dataset.close();
      throw error;
    }
  }

  async preflight(model: ModelLocation, matrix: MatrixName, options: JobOptions): Promise<Preflight> {
    const dataset = this.#open();
    const { source } = await this.environment.openSource(model, options);
    const tokenizer = await openTokenizerPackage(source);
    const [mapping, table] = await Promise.all([this.mapping(matrix), this.#geneTable()]);
    const prepared = await prepare(dataset, matrix, mapping, table, tokenizer, options);
    if (dataset !== this.#dataset) throw new RunError('nothing-open', 'another file was opened');
    this.#prepared = prepared;
    return prepared.preflight;
  }

  /** Ensembl ids of a matrix's columns; needs no model. */
  async mapping(matrix: MatrixName): Promise<GeneMapping> {
    const known = this.#mappings.get(matrix);
    if (known) return known;
    const mapping = await mapColumns(this.#open(), matrix, await this.#geneTable());
    this.#mappings.set(matrix, mapping);
    return mapping;
  }

  select(selection: CellSelection): Promise<Uint32Array<ArrayBuffer>> {
    const dataset = this.#open();
    return selectRows(selection, dataset.nObs, (column) => this.obs(column));
  }

  async tokenize(rows: Uint32Array<ArrayBuffer>, { signal, onProgress }: JobOptions): Promise<TokenBatch> {
    const dataset = this.#open();
    const { tokenizer, preflight, withholding, organism, tissue } = this.#ready();
    const builder = new TokenBatchBuilder(tokenizer.hasValues);
    for await (const { block, start, wanted } of readRows(dataset, preflight.matrix, rows, signal)) {
      for (const row of wanted) {
        const cell = onRow(start, () => tokenizer.encode(block, row));
        const at = start + row;
        builder.add(at, cell, withheldByData(withholding, organism(at), tissue(at), cell.geneIds.length));
      }
      onProgress?.({ stage: 'tokens', done: builder.cells, total: rows.length, unit: 'cells' });
    }
    return builder.build();
  }

  async obs(column: string): Promise<Column> {
    const dataset = this.#open();
    if (!dataset.obsColumns.includes(column)) {
      throw new RunError('unknown-column', `the file has no obs column ${column}`, column);
    }
    return dataset.obs(column);
  }

  async obsNames(): Promise<readonly string[]> {
    return this.#open().obsNames();
  }

  async obsm(key: string): Promise<DenseEmbedding> {
    return this.#open().obsm(key);
  }

  async colors(column: string): Promise<readonly string[] | null> {
    return this.#open().colors(column);
  }

  async genes(): Promise<readonly GeneName[]> {
    return mappedGenes(this.#ready().mapping);
  }

  async geneExpression(name: string, rows: Uint32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
    return geneExpression(this.#open(), this.#ready(), name, rows);
  }

  async topGenes(row: number, count: number): Promise<readonly CellGene[]> {
    return topGenes(this.#open(), this.#ready(), row, count);
  }

  async export(
    format: ExportFormat,
    results: CellResults,
    provenance: Provenance,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return exportResults(
      format,
      this.#open(),
      results,
      provenance,
      this.environment.runtime,
      this.environment.scratch,
    );
  }

  async close(): Promise<void> {
    this.#dataset?.close();
    this.#dataset = null;
    this.#prepared = null;
    this.#mappings.clear();
  }

  #open(): Dataset {
    if (!this.#dataset) throw new RunError('nothing-open', 'no file is open');
    return this.#dataset;
  }

  #ready(): Prepared {
    if (!this.#prepared) throw new RunError('no-model', 'the pre-flight of this file has not been made');
    return this.#prepared;
  }

  #geneTable(): Promise<GeneTable> {
    this.#table ??= this.environment.readAsset(GENE_TABLE).then(GeneTable.read);
    this.#table.catch(() => {
      this.#table = null;
    });
    return this.#table;
  }
}
