import type { TokenizerPackage } from '../model/package.ts';
import type { GeneMapping } from '../tokenize/gene-mapping.ts';
import { needsOrthologs, type Orthologs, throughOrthologs } from '../tokenize/orthologs.ts';
import { vocabularyColumns } from '../tokenize/vocabulary-columns.ts';

/** The genes of a matrix as a model is asked for them. */
export interface ModelGenes {
  /** [columns] Ensembl id looked up in the vocabulary: the file's own, or its ortholog. */
  readonly ensembl: readonly (string | null)[];
  /** [columns] vocabulary id, −1 = none. */
  readonly columnIds: Int32Array<ArrayBuffer>;
  /** Columns in the vocabulary through a one-to-one ortholog. */
  readonly byOrtholog: number;
}

/**
 * Mouse genes keep their own ids where the vocabulary has mouse genes, as that of the published models does;
 * else their one-to-one human orthologs stand for them.
 */
export async function modelGenes(
  { ensembl }: GeneMapping,
  { vocabulary }: Pick<TokenizerPackage, 'vocabulary'>,
  orthologs: () => Promise<Orthologs>,
): Promise<ModelGenes> {
  const asked = needsOrthologs(ensembl, vocabulary) ? throughOrthologs(ensembl, await orthologs()) : ensembl;
  const columnIds = vocabularyColumns(asked, vocabulary);
  const byOrtholog = columnIds.reduce((sum, id, c) => sum + (id >= 0 && asked[c] !== ensembl[c] ? 1 : 0), 0);
  return { ensembl: asked, columnIds, byOrtholog };
}

/**
 * What became of every column of a matrix, as tab-separated text: its name, the Ensembl id and how it was
 * found, the id the model was asked for where that is an ortholog's, and whether the vocabulary has it.
 */
export function geneTsv(mapping: GeneMapping, genes: ModelGenes): string {
  const header = ['column', 'name', 'ensembl_id', 'symbol', 'method', 'ortholog', 'in_vocabulary'];
  const lines = mapping.ensembl.map((id, c) =>
    [
      String(c),
      mapping.names[c],
      id ?? '',
      id === null ? '' : mapping.symbols[c],
      mapping.methods[c] ?? 'not found',
      genes.ensembl[c] === id ? '' : (genes.ensembl[c] ?? 'none one-to-one'),
      genes.columnIds[c] >= 0 ? 'yes' : 'no',
    ].map(field),
  );
  return [header, ...lines].map((cells) => `${cells.join('\t')}\n`).join('');
}

/** Tabs and line breaks would end a field. */
function field(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ');
}
