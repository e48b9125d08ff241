import type { AuditFindings } from '../audit/findings.ts';
import type { SketchSource } from '../audit/sketch.ts';
import { chooseCounts, withOfferedMatrices } from '../data/choose-counts.ts';
import type { Column, Dataset, DenseEmbedding, MatrixName } from '../data/dataset.ts';
import { donorColumn } from '../data/donor-column.ts';
import type { H5Runtime } from '../data/h5ad/runtime.ts';
import type { DatasetInput } from '../data/input.ts';
import { openDataset } from '../data/open.ts';
import { openTokenizerPackage } from '../model/package.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import type { LogCounts } from '../probe/types.ts';
import { type GeneMapping, mappedColumns } from '../tokenize/gene-mapping.ts';
import { GeneTable } from '../tokenize/gene-table.ts';
import { organismOfGenes } from '../tokenize/organism.ts';
import { type Orthologs, readOrthologs } from '../tokenize/orthologs.ts';
import { TokenBatchBuilder } from '../tokenize/token-batch.ts';
import { withheldByData } from '../tokenize/withhold.ts';
import { audit } from './audit.ts';
import { type AuditSide, groupsOf, modelSketch, openOther } from './audit-sides.ts';
import { RunError } from './errors.ts';
import { mapColumns } from './gene-columns.ts';
import { geneExpression, mappedGenes, topGenes } from './gene-views.ts';
import { logCounts } from './log-counts.ts';
import { isAbort, wholeFileNote } from './messages.ts';
import { geneTsv, modelGenes } from './model-genes.ts';
import type { OpenSource } from './model-opener.ts';
import { type Prepared, prepare, tokenizerOf } from './preflight.ts';
import type { CellResults, Provenance } from './results.ts';
import { onRow, readRows } from './row-reader.ts';
import type { ScratchFiles } from './scratch.ts';
import { selectRows } from './selection.ts';
import type {
  AuditRequest,
  CellGene,
  CellSelection,
  DatasetService,
  DatasetSummary,
  ExportFormat,
  GeneName,
  JobOptions,
  ModelLocation,
  Preflight,
  ResultsExport,
  TokenizeOptions,
  WholeExport,
} from './services.ts';
import { sketchCells } from './sketch-cells.ts';
import { exportResults } from './write-export.ts';

/** Where the tables of genes lie below the site, or the package. */
const GENE_TABLES = { human: 'genes/human.tsv.gz', mouse: 'genes/mouse.tsv.gz' } as const;
const ORTHOLOGS = 'genes/orthologs.tsv.gz';

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
  #input: DatasetInput = [];
  #prepared: Prepared | null = null;
  readonly #mappings = new Map<MatrixName, GeneMapping>();
  readonly #assets = new Map<string, Promise<unknown>>();

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
      this.#dataset = withOfferedMatrices(dataset, choice.scans);
      this.#input = input;
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
    const [mapping, table] = await Promise.all([this.mapping(matrix), this.#geneTable('human')]);
    const genes = await modelGenes(mapping, tokenizer, this.#orthologs);
    const prepared = await prepare(dataset, matrix, mapping, genes, table, tokenizer, options);
    if (dataset !== this.#dataset) throw new RunError('nothing-open', 'another file was opened');
    this.#prepared = prepared;
    return prepared.preflight;
  }

  /** Ensembl ids of a matrix's columns; needs no model. */
  async mapping(matrix: MatrixName): Promise<GeneMapping> {
    const known = this.#mappings.get(matrix);
    if (known) return known;
    const mapping = await this.#mapByOrganism(this.#open(), matrix);
    this.#mappings.set(matrix, mapping);
    return mapping;
  }

  async geneReport(model: ModelLocation, matrix: MatrixName, options: JobOptions): Promise<string> {
    const mapping = await this.mapping(matrix);
    const { source } = await this.environment.openSource(model, options);
    const genes = await modelGenes(mapping, await openTokenizerPackage(source), this.#orthologs);
    return geneTsv(mapping, genes);
  }

  select(selection: CellSelection): Promise<Uint32Array<ArrayBuffer>> {
    const dataset = this.#open();
    return selectRows(selection, dataset.nObs, (column) => this.obs(column));
  }

  async tokenize(
    rows: Uint32Array<ArrayBuffer>,
    { signal, onProgress, maxPositionEmbeddings }: TokenizeOptions,
  ): Promise<TokenBatch> {
    const prepared = this.#ready();
    const { counts, preflight, withholding, organism, tissue } = prepared;
    const tokenizer = tokenizerOf(prepared, maxPositionEmbeddings);
    const builder = new TokenBatchBuilder(tokenizer.hasValues);
    for await (const { block, start, wanted } of readRows(counts, preflight.matrix, rows, signal)) {
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
    return geneExpression(this.#ready(), name, rows);
  }

  async logCounts(rows: Uint32Array<ArrayBuffer>, options: JobOptions): Promise<LogCounts> {
    const { counts, preflight } = this.#ready();
    return logCounts(counts, preflight, rows, options);
  }

  async topGenes(row: number, count: number): Promise<readonly CellGene[]> {
    return topGenes(this.#ready(), row, count);
  }

  async audit(request: AuditRequest, options: JobOptions): Promise<AuditFindings> {
    const { matrix, groupColumn, model, against } = request;
    const side = await this.#side(matrix, groupColumn);
    const found = model && (await this.environment.openSource(model, options));
    const training = found && (await modelSketch(found.source));
    const other =
      against &&
      (await openOther(
        against,
        this.environment.runtime,
        this.openFile,
        (dataset, matrix) => this.#mapByOrganism(dataset, matrix),
        options.signal,
      ));
    try {
      return await audit(side, groupColumn, training, other || null, options);
    } finally {
      if (other && other.kind === 'file') other.side.dataset.close();
    }
  }

  /** Sketches the given rows (ascending) for audits of other files. */
  async sketch(
    { matrix, groupColumn }: Pick<AuditRequest, 'matrix' | 'groupColumn'>,
    name: string,
    rows: Uint32Array,
    options: JobOptions,
  ): Promise<SketchSource> {
    return sketchCells(await this.#side(matrix, groupColumn), name, rows, options);
  }

  async export(
    format: ExportFormat,
    results: CellResults,
    provenance: Provenance,
    options: JobOptions = {},
  ): Promise<ResultsExport> {
    const { runtime, scratch } = this.environment;
    return exportResults(format, this.#open(), results, provenance, runtime, scratch, options);
  }

  async exportWhole(results: CellResults, provenance: Provenance, options: JobOptions): Promise<WholeExport> {
    const source = { dataset: this.#open(), input: this.#input, ...this.environment };
    try {
      const { exportWhole } = await import('./export-whole.ts');
      return await exportWhole(source, results, provenance, options);
    } catch (error) {
      if (isAbort(error)) throw error;
      const { content, note } = await this.export('h5ad', results, provenance, options);
      return { content, note: note === null ? wholeFileNote(error) : `${wholeFileNote(error)} ${note}` };
    }
  }

  async close(): Promise<void> {
    this.#dataset?.close();
    this.#dataset = null;
    this.#input = [];
    this.#prepared = null;
    this.#mappings.clear();
    await this.environment.scratch.clear();
  }

  #open(): Dataset {
    if (!this.#dataset) throw new RunError('nothing-open', 'no file is open');
    return this.#dataset;
  }

  async #side(matrix: MatrixName, groupColumn: string | null): Promise<AuditSide> {
    const dataset = this.#open();
    const { ensembl } = await this.mapping(matrix);
    const groups = groupColumn === null ? null : groupsOf(await this.obs(groupColumn));
    return { dataset, matrix, ensembl, groups };
  }

  #ready(): Prepared {
    if (!this.#prepared) throw new RunError('no-model', 'the pre-flight of this file has not been made');
    return this.#prepared;
  }

  /** By human names; by mouse names where the genes are those of a mouse, or human names say too little. */
  async #mapByOrganism(dataset: Dataset, matrix: MatrixName): Promise<GeneMapping> {
    const human = await this.#geneTable('human');
    const asHuman = await mapColumns(dataset, matrix, human);
    const genes = asHuman.ensembl.length - asHuman.otherFeatures;
    const isMouse = organismOfGenes(asHuman.ensembl, asHuman.names, human) === 'mouse';
    if (!isMouse && 2 * mappedColumns(asHuman) >= genes) return asHuman;
    const asMouse = await mapColumns(dataset, matrix, await this.#geneTable('mouse'));
    return isMouse || mappedColumns(asMouse) > mappedColumns(asHuman) ? asMouse : asHuman;
  }

  #geneTable(organism: keyof typeof GENE_TABLES): Promise<GeneTable> {
    return this.#asset(GENE_TABLES[organism], GeneTable.read);
  }

  readonly #orthologs = (): Promise<Orthologs> => this.#asset(ORTHOLOGS, readOrthologs);

  /** A shipped file, read once; asked for again after a failure. */
  #asset<T>(path: string, read: (bytes: Uint8Array<ArrayBuffer>) => Promise<T>): Promise<T> {
    const known = this.#assets.get(path);
    if (known) return known as Promise<T>;
    const asset = this.environment.readAsset(path).then(read);
    this.#assets.set(path, asset);
    asset.catch(() => this.#assets.delete(path));
    return asset;
  }
}
