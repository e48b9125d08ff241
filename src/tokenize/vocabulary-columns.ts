import type { Vocabulary } from '../model/vocabulary.ts';

/** Fewer genes than this and the file is not a whole transcriptome. */
const WHOLE_TRANSCRIPTOME = 5_000;

/** [columns] vocabulary id of each column's Ensembl id, −1 = none. Several columns may share one: they are summed. */
export function vocabularyColumns(
  ensembl: readonly (string | null)[],
  vocabulary: Vocabulary,
): Int32Array<ArrayBuffer> {
  return Int32Array.from(ensembl, (id) => (id === null ? -1 : (vocabulary.idOf(id) ?? -1)));
}

/** One sentence where a file's genes look like a panel or a selection; null for a whole transcriptome. */
export function panelNote(columns: number): string | null {
  if (columns >= WHOLE_TRANSCRIPTOME) return null;
  return (
    `${columns.toLocaleString('en-US')} genes: a gene panel or a subset of genes. Ranks and totals are taken ` +
    'over these genes only, so embeddings are not comparable with those of whole transcriptomes.'
  );
}
