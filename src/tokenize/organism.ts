import type { Vocabulary } from '../model/vocabulary.ts';
import type { GeneTable } from './gene-table.ts';

/** obs columns (or uns keys) that record the organism, best first. */
export const ORGANISM_COLUMNS = ['organism', 'organism_ontology_term_id', 'species'];

const KNOWN: Readonly<Record<string, string>> = {
  'homo sapiens': 'human',
  'h. sapiens': 'human',
  hsapiens: 'human',
  human: 'human',
  'ncbitaxon:9606': 'human',
  '9606': 'human',
  'mus musculus': 'mouse',
  'm. musculus': 'mouse',
  mmusculus: 'mouse',
  mouse: 'mouse',
  'ncbitaxon:10090': 'mouse',
  '10090': 'mouse',
};

/** A recorded organism in one spelling: 'human', 'mouse', another name in lower case, or null where none is recorded. */
export function organismName(recorded: string | null): string | null {
  const name = recorded?.trim().replaceAll('_', ' ').toLowerCase() ?? '';
  if (name === '' || ['na', 'n/a', 'nan', 'none', 'unknown', 'unassigned'].includes(name)) return null;
  return KNOWN[name] ?? name;
}

/**
 * The organism a file's genes tell: by the prefixes of its Ensembl ids, or, where names found no id,
 * by mouse spelling (`Cd3e` for `CD3E`). Null where nothing tells.
 * @param ensembl [columns] ids as mapped
 * @param names [columns] names as the file has them
 */
export function organismOfGenes(
  ensembl: readonly (string | null)[],
  names: readonly string[],
  table: GeneTable,
): string | null {
  let human = 0;
  let mouse = 0;
  let spelledAsMouse = 0;
  let unmapped = 0;
  for (const [c, id] of ensembl.entries()) {
    if (id?.startsWith('ENSG')) human++;
    else if (id?.startsWith('ENSMUSG')) mouse++;
    else if (id === null) {
      unmapped++;
      if (/^[A-Z][a-z]/.test(names[c]) && typeof table.current(names[c].toUpperCase()) === 'string')
        spelledAsMouse++;
    }
  }
  if (unmapped > human + mouse && spelledAsMouse > unmapped / 4) return 'mouse';
  if (human === 0 && mouse === 0) return null;
  return mouse > human ? 'mouse' : 'human';
}

/** Organisms whose genes are in the vocabulary. */
export function modelOrganisms(vocabulary: Vocabulary): ReadonlySet<string> {
  const organisms = new Set<string>();
  for (const token of vocabulary.tokens()) {
    if (token.startsWith('ENSG')) organisms.add('human');
    else if (token.startsWith('ENSMUSG')) organisms.add('mouse');
  }
  return organisms;
}
