import type { Dataset, MatrixName } from '../data/dataset.ts';
import type { TokenizerPackage } from '../model/package.ts';
import { type GeneMapping, mappedColumns } from '../tokenize/gene-mapping.ts';
import type { GeneTable } from '../tokenize/gene-table.ts';
import { modelOrganisms, ORGANISM_COLUMNS, organismName, organismOfGenes } from '../tokenize/organism.ts';
import { QualityScan } from '../tokenize/quality.ts';
import { TISSUE_COLUMNS } from '../tokenize/tissue.ts';
import { Tokenizer } from '../tokenize/tokenizer.ts';
import { panelNote } from '../tokenize/vocabulary-columns.ts';
import type { WithholdingContext } from '../tokenize/withhold.ts';
import { RunError } from './errors.ts';
import { genesOnly, type RowSource } from './genes-only.ts';
import type { ModelGenes } from './model-genes.ts';
import { readRows } from './row-reader.ts';
import { textOf } from './selection.ts';
import type { JobOptions, Preflight } from './services.ts';

/** All that tokenizing a file for a model needs, found once by the pre-flight. */
export interface Prepared {
  readonly preflight: Preflight;
  readonly mapping: GeneMapping;
  /** Rows of the genes alone. */
  readonly counts: RowSource;
  /** [columns] vocabulary id, −1 = none. */
  readonly columnIds: Int32Array<ArrayBuffer>;
  readonly model: TokenizerPackage;
  readonly tokenizer: Tokenizer;
  readonly withholding: WithholdingContext;
  /** Organism and tissue of a cell, as far as known. */
  readonly organism: (cell: number) => string | null;
  readonly tissue: (cell: number) => string | null;
}

/**
 * QC of every cell and what the genes are to a model, in one pass over the counts.
 * @throws RunError 'no-known-gene', CountsError where the matrix holds other than counts, DataError
 */
export async function prepare(
  dataset: Dataset,
  matrix: MatrixName,
  mapping: GeneMapping,
  genes: ModelGenes,
  table: GeneTable,
  model: TokenizerPackage,
  options: JobOptions,
): Promise<Prepared> {
  const { columnIds, byOrtholog } = genes;
  const counts = genesOnly(dataset, mapping);
  const inVocabulary = columnIds.reduce((sum, id) => sum + (id >= 0 ? 1 : 0), 0);
  if (inVocabulary === 0) {
    throw new RunError(
      'no-known-gene',
      `none of ${columnIds.length} genes is in the vocabulary of ${model.name}`,
    );
  }
  const { quality, countShare, meanTokens } = await scan(
    counts,
    dataset.nObs,
    matrix,
    mapping,
    columnIds,
    model,
    options,
  );
  const ofGenes = organismOfGenes(mapping.ensembl, await dataset.varNames(matrix), table);
  const organism = await recordedOrganism(dataset, ofGenes);
  const tissueColumn = TISSUE_COLUMNS.find((name) => dataset.obsColumns.includes(name));
  return {
    preflight: {
      matrix,
      quality,
      meanTokens,
      genes: {
        source: mapping.source,
        columns: columnIds.length,
        mapped: mappedColumns(mapping),
        inVocabulary,
        ambiguous: mapping.ambiguous,
        byMethod: mapping.byMethod,
        byOrtholog,
        otherFeatures: mapping.otherFeatures,
        countShare,
        unmappedExamples: mapping.unmappedExamples,
        panelNote: panelNote(columnIds.length - mapping.otherFeatures),
        organism: dataset.nObs > 0 ? organism(0) : ofGenes,
      },
    },
    mapping,
    counts,
    columnIds,
    model,
    tokenizer: new Tokenizer(model, columnIds),
    withholding: {
      modelOrganisms: modelOrganisms(model.vocabulary),
      modelTissues: model.config.annotations.tissue ?? [],
    },
    organism,
    tissue: tissueColumn === undefined ? () => null : textOf(await dataset.obs(tissueColumn)),
  };
}

/** The model's tokenizer, or one that takes so many genes of a cell. */
export function tokenizerOf(
  { tokenizer, model, columnIds }: Pick<Prepared, 'tokenizer' | 'model' | 'columnIds'>,
  maxPositionEmbeddings: number | undefined,
): Tokenizer {
  if (maxPositionEmbeddings === undefined) return tokenizer;
  return new Tokenizer({ ...model, config: { ...model.config, maxPositionEmbeddings } }, columnIds);
}

async function scan(
  counts: RowSource,
  total: number,
  matrix: MatrixName,
  mapping: GeneMapping,
  columnIds: Int32Array,
  model: TokenizerPackage,
  { signal, onProgress }: JobOptions,
): Promise<QualityScan> {
  const rows = Uint32Array.from({ length: total }, (_, row) => row);
  const qualityScan = new QualityScan(total, mapping.ensembl, columnIds, model.config.maxPositionEmbeddings);
  // The choice of the matrix has looked at samples of it; here every value is seen.
  for await (const { block, start } of readRows(counts, matrix, rows, signal)) {
    qualityScan.add(block, start);
    onProgress?.({ stage: 'quality', done: start + block.rowCount, total, unit: 'cells' });
  }
  return qualityScan;
}

/** Organism of each cell: its obs column, else the file's uns, else what the gene ids tell. */
async function recordedOrganism(
  dataset: Dataset,
  ofGenes: string | null,
): Promise<(cell: number) => string | null> {
  const column = ORGANISM_COLUMNS.find((name) => dataset.obsColumns.includes(name));
  if (column !== undefined) {
    const text = textOf(await dataset.obs(column));
    return (cell) => organismName(text(cell)) ?? ofGenes;
  }
  for (const key of ORGANISM_COLUMNS) {
    const name = organismName(await dataset.unsString(key));
    if (name !== null) return () => name;
  }
  return () => ofGenes;
}
