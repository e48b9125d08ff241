import type { Dataset, MatrixName } from '../data/dataset.ts';
import { type GeneMapping, mapGenes, type NameColumn } from '../tokenize/gene-mapping.ts';
import type { GeneTable } from '../tokenize/gene-table.ts';
import { textOf } from './selection.ts';

/** Ensembl ids of a matrix's columns, from the index and every text column of its var. */
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
  return mapGenes(candidates, table);
}
