import { geneHash } from './hash.ts';

/**
 * Ensembl ids that exactly one column names, with that column. Counts of ids that several columns name
 * cannot be told apart from a file that has summed them, so they are never compared.
 * @param ensembl [columns] null = none
 */
export function uniqueGenes(ensembl: readonly (string | null)[]): Map<string, number> {
  const columns = new Map<string, number>();
  const several = new Set<string>();
  for (const [column, id] of ensembl.entries()) {
    if (id === null) continue;
    if (columns.has(id)) several.add(id);
    columns.set(id, column);
  }
  for (const id of several) columns.delete(id);
  return columns;
}

/** Columns of a matrix that take part in a comparison. */
export interface ComparedColumns {
  /** Genes compared. */
  readonly genes: number;
  /** [columns] 1 = compared. */
  readonly used: Uint8Array;
  /** [columns] hash of the gene where compared. */
  readonly hashes: Uint32Array;
}

/** @param among compares these alone */
export function comparedColumns(
  ensembl: readonly (string | null)[],
  among: { has(id: string): boolean } | null = null,
): ComparedColumns {
  const used = new Uint8Array(ensembl.length);
  const hashes = new Uint32Array(ensembl.length);
  let genes = 0;
  for (const [id, column] of uniqueGenes(ensembl)) {
    if (among !== null && !among.has(id)) continue;
    used[column] = 1;
    hashes[column] = geneHash(id);
    genes++;
  }
  return { genes, used, hashes };
}

/** The genes of a matrix in the order of their hashes, the same in every file. */
export interface GeneOrder {
  /** [genes] strictly ascending. */
  readonly hashes: Uint32Array<ArrayBuffer>;
  /** [columns] place in `hashes`, −1 = not compared. */
  readonly places: Int32Array;
}

/** Of two genes of one hash (never two of one species) neither is in the order. */
export function geneOrder(ensembl: readonly (string | null)[]): GeneOrder {
  const { used, hashes } = comparedColumns(ensembl);
  const columns = Array.from(used.keys()).filter((column) => used[column] === 1);
  columns.sort((a, b) => hashes[a] - hashes[b]);
  const alone = columns.filter(
    (column, i) =>
      hashes[column] !== hashes[columns[i - 1] ?? -1] && hashes[column] !== hashes[columns[i + 1] ?? -1],
  );
  const places = new Int32Array(ensembl.length).fill(-1);
  for (const [place, column] of alone.entries()) places[column] = place;
  return { hashes: Uint32Array.from(alone, (column) => hashes[column]), places };
}
