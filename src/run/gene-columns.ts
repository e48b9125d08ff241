import type { Dataset, MatrixName } from '../data/dataset.ts';
import { type GeneMapping, mapGenes, type NameColumn } from '../tokenize/gene-mapping.ts';
import type { GeneTable } from '../tokenize/gene-table.ts';
import { textOf } from './selection.ts';

/** Columns of var that say what a feature is, and what they say of features that are no genes (10x, muon). */
const FEATURE_TYPE_COLUMNS = ['feature_types', 'feature_type', 'modality'];
const NO_GENE = /^(antibody|protein$|adt$|hto$|crispr|multiplexing|peaks?$|atac|antigen|custom$)/i;

/**
 * Ensembl ids of a matrix's columns, from the index and every text column of its var. A feature of another
 * type gets none, whatever its name: the antibody CD4 is not the gene.
 */
export async function mapColumns(
  dataset: Dataset,
  matrix: MatrixName,
  table: GeneTable,
): Promise<GeneMapping> {
  const candidates: NameColumn[] = [{ name: 'index', values: await dataset.varNames(matrix) }];
  for (const name of await dataset.varColumns(matrix)) {
    const column = await dataset.varColumn(matrix, name);
    if (column.kind === 'numeric' || column.kind === 'boolean') continue;
    const text = textOf(column);
    candidates.push({ name, values: candidates[0].values.map((_, i) => text(i)) });
  }
  const types = candidates.find(({ name }) => FEATURE_TYPE_COLUMNS.includes(name))?.values;
  const isGene = candidates[0].values.map((_, i) => !NO_GENE.test(types?.[i] ?? ''));
  return mapGenes(candidates, table, isGene);
}
