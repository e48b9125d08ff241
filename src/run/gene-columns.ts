import { columnLength } from '../data/columns.ts';
import type { Column, Dataset, MatrixName } from '../data/dataset.ts';
import { type GeneMapping, mapGenes, type NameColumn } from '../tokenize/gene-mapping.ts';
import type { GeneTable } from '../tokenize/gene-table.ts';
import { textOf } from './selection.ts';

/** Columns of var that say what a feature is (10x, muon), and what they say of features that are no genes. */
const FEATURE_TYPE_COLUMNS = ['feature_types', 'feature_type', 'modality'];
const NO_GENE =
  /^(antibody|protein$|adt$|hto$|crispr|multiplexing|peaks?$|atac|antigen|custom$|vdj|spike-in|negative control|unassigned|blank|genomic control|deprecated)/i;
/** Cell Ranger's own column and word: where it is used, whatever else is said there is no gene. */
const TENX_COLUMN = 'feature_types';
const TENX_GENE = 'Gene Expression';

/** Numbers in a column of this name may be Entrez ids. */
const ENTREZ_NAME = /entrez|ncbi/i;

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
    const values = nameValues(name, column);
    if (values !== null) candidates.push({ name, values });
  }
  return mapGenes(candidates, table, genesAmong(candidates));
}

/** [columns] false = no gene. */
function genesAmong(candidates: readonly NameColumn[]): readonly boolean[] {
  const types = candidates.find(({ name }) => FEATURE_TYPE_COLUMNS.includes(name));
  if (types === undefined) return [];
  const strict = types.name === TENX_COLUMN && types.values.includes(TENX_GENE);
  return types.values.map((type) => {
    if (type === null || type === '') return true;
    return strict ? type === TENX_GENE : !NO_GENE.test(type);
  });
}

function nameValues(name: string, column: Column): NameColumn['values'] | null {
  if (column.kind === 'boolean') return null;
  if (column.kind === 'numeric') {
    if (!ENTREZ_NAME.test(name)) return null;
    return Array.from(column.values, (value) => (Number.isInteger(value) ? String(value) : null));
  }
  const text = textOf(column);
  return Array.from({ length: columnLength(column) }, (_, i) => text(i));
}
