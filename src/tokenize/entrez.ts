import type { NameColumn } from './gene-mapping.ts';
import type { GeneTable } from './gene-table.ts';

/** Names that columns of Entrez ids go by, best first. */
export const ENTREZ_COLUMNS = ['index', 'entrez_id', 'entrezgene', 'entrez', 'ncbi_gene_id'];

/** A column is one of Entrez ids when at least this share of its values, empty ones aside, are known. */
const LEAST_SHARE = 0.5;

/**
 * True where a column holds Entrez (NCBI Gene) ids: whole numbers that the table knows. Small numbers are
 * ids of some gene all the same, so a plain count 0, 1, 2 … is none.
 */
export function isEntrezColumn({ values }: NameColumn, table: GeneTable): boolean {
  const filled = values.flatMap((value) => (value?.trim() ? [value.trim()] : []));
  if (filled.length === 0 || !filled.every((value) => /^\d+$/.test(value))) return false;
  if (filled.every((value, i) => Number(value) === Number(filled[0]) + i)) return false;
  const known = filled.reduce((sum, value) => sum + (table.entrez(value) === undefined ? 0 : 1), 0);
  return known >= LEAST_SHARE * filled.length;
}
