import type { GeneName } from '../../run/services.ts';

/** Genes whose symbol or Ensembl id starts with what was typed; whole names first, then short ones. */
export function findGenes(genes: readonly GeneName[], typed: string, most: number): readonly GeneName[] {
  const needle = typed.trim().toLowerCase();
  if (needle === '') return [];
  return genes
    .filter(({ name, ensemblIds }) => [name, ...ensemblIds].some((id) => id.toLowerCase().startsWith(needle)))
    .sort((a, b) => a.name.length - b.name.length || a.name.localeCompare(b.name))
    .slice(0, most);
}

/** "gene CD4 · ENSG00000010610", so that either can be typed. */
export function geneLabel(name: string, ensemblIds: readonly string[]): string {
  const ids = ensemblIds.filter((id) => id !== name);
  return ids.length ? `gene ${name} · ${ids.join(', ')}` : `gene ${name}`;
}
