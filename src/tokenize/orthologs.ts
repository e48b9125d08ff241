import type { Vocabulary } from '../model/vocabulary.ts';
import { GeneTableError } from './errors.ts';
import { unpackedText } from './gene-table.ts';
import { modelOrganisms } from './organism.ts';

/** Mouse Ensembl id → the human one it is the one-to-one ortholog of. */
export type Orthologs = ReadonlyMap<string, string>;

const HEADER = 'mouse\thuman';

/**
 * The pairs shipped with the page (`public/genes/orthologs.tsv.gz`, HomoloGene's one-to-one).
 * @throws GeneTableError where the file is another one
 */
export async function readOrthologs(bytes: Uint8Array<ArrayBuffer>): Promise<Orthologs> {
  const [header, ...lines] = (await unpackedText(bytes)).trimEnd().split('\n');
  if (header.trimEnd() !== HEADER) throw new GeneTableError('the orthologs do not begin with their header');
  return new Map(
    lines.map((line, i) => {
      const [mouse, human, ...rest] = line.trimEnd().split('\t');
      if (!mouse.startsWith('ENSMUSG') || !human?.startsWith('ENSG') || rest.length > 0) {
        throw new GeneTableError(`line ${i + 2} of the orthologs is no pair of ids`);
      }
      return [mouse, human];
    }),
  );
}

/** True where a file has mouse genes and a vocabulary none, so that orthologs must stand for them. */
export function needsOrthologs(ensembl: readonly (string | null)[], vocabulary: Vocabulary): boolean {
  return ensembl.some(isMouse) && !modelOrganisms(vocabulary).has('mouse');
}

/** [columns] the ids a model is asked for: the file's own, orthologs in place of mouse ids. */
export function throughOrthologs(
  ensembl: readonly (string | null)[],
  orthologs: Orthologs,
): readonly (string | null)[] {
  return ensembl.map((id) => (id !== null && isMouse(id) ? (orthologs.get(id) ?? null) : id));
}

function isMouse(id: string | null): boolean {
  return id?.startsWith('ENSMUSG') ?? false;
}
