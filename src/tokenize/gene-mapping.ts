import { ENTREZ_COLUMNS, isEntrezColumn } from './entrez.ts';
import { ensemblId, type GeneTable, withoutGenome } from './gene-table.ts';

/** How a column got its Ensembl id, in the order the ways are tried. */
export type MappingMethod = 'ensembl' | 'suffix' | 'symbol' | 'previous' | 'alias' | 'entrez';

/** A text column of var (or its index, named "index") as a possible source of gene names. */
export interface NameColumn {
  readonly name: string;
  /** [columns] null where missing. */
  readonly values: readonly (string | null)[];
}

/** Ensembl ids of a matrix's columns. */
export interface GeneMapping {
  /** [columns] Ensembl id without version, null = none. */
  readonly ensembl: readonly (string | null)[];
  /** [columns] how; why not where that is known; null = a name that means nothing. */
  readonly methods: readonly (MappingMethod | 'ambiguous' | 'not a gene' | null)[];
  /** [columns] what the file calls it. */
  readonly names: readonly string[];
  /** [columns] the name to show: current symbol, else what the file calls it. */
  readonly symbols: readonly string[];
  /** The var column most ids were taken from: a column name or "index". */
  readonly source: string;
  /** Columns whose name could be several genes, or an id that another column already has. */
  readonly ambiguous: number;
  /** Columns that are no genes: antibodies, peaks, tags. */
  readonly otherFeatures: number;
  readonly byMethod: Readonly<Record<MappingMethod, number>>;
  /** Names of the first few columns without an id. */
  readonly unmappedExamples: readonly string[];
}

/** Columns that hold ids or names in the files people have, best first; decides between equals. */
const ID_COLUMNS = [
  'index',
  'ensembl_id',
  'ensembl_ids',
  'gene_ids',
  'gene_id',
  'feature_id',
  'ensembl',
  'ensg',
];
const NAME_COLUMNS = [
  'index',
  'feature_name',
  'gene_symbols',
  'gene_symbol',
  'gene_names',
  'gene_name',
  'symbol',
];

/** A column is one of Ensembl ids when at least this share of its values, empty ones aside, are. */
const LEAST_ID_SHARE = 0.5;
const EXAMPLES = 8;

/**
 * Maps columns to Ensembl ids. For each column the first that applies: its value in the Ensembl
 * column of var (found by content, whatever its name); a name that is an Ensembl id or ends in
 * `_ENSG…`; a current symbol; a previous symbol; an alias, the last two only where they belong to
 * one gene and are nobody's current symbol; an Entrez id. Ambiguous names stay unmapped. Versions are stripped
 * from Ensembl ids alone: `TAP2.1` is not TAP2.
 *
 * Where the file has an Ensembl column, a column without an id there is mapped by name only onto
 * an id no other column claims, so that a guess is never summed into what the file itself says.
 *
 * @param isGene [columns] false = no gene, which gets no id; all are genes where empty
 */
export function mapGenes(
  candidates: readonly NameColumn[],
  table: GeneTable,
  isGene: readonly boolean[] = [],
): GeneMapping {
  const columns = candidates[0]?.values.length ?? 0;
  const ids = best(candidates, ID_COLUMNS, (name) => ensemblId(name) !== undefined);
  const idColumn = ids && ids.share >= LEAST_ID_SHARE ? ids.column : undefined;
  const named = best(
    candidates.filter((candidate) => candidate !== idColumn),
    NAME_COLUMNS,
    (name) => nameMeaning(name, table).id !== undefined,
  )?.column;
  const numbered = best(
    candidates.filter((candidate) => candidate !== idColumn && isEntrezColumn(candidate, table)),
    ENTREZ_COLUMNS,
    (name) => table.entrez(name) !== undefined,
  )?.column;
  const ensembl = new Array<string | null>(columns).fill(null);
  const methods: GeneMapping['methods'][number][] = Array.from({ length: columns }, (_, c) =>
    isGene[c] === false ? 'not a gene' : null,
  );
  const claimed = new Set<string>();
  for (let c = 0; idColumn && c < columns; c++) {
    const id = ensemblId(idColumn.values[c] ?? '');
    if (id === undefined || isGene[c] === false) continue;
    ensembl[c] = id;
    methods[c] = 'ensembl';
    claimed.add(id);
  }
  for (let c = 0; c < columns; c++) {
    if (ensembl[c] !== null || isGene[c] === false) continue;
    // An index of ids may hold a few symbols too.
    const byName = firstMeaning([named?.values[c], idColumn?.values[c]], table);
    const meaning = byName.id === undefined ? (numberMeaning(numbered?.values[c], table) ?? byName) : byName;
    const { id, method, several } = meaning;
    if (several || (id !== undefined && claimed.has(id))) methods[c] = 'ambiguous';
    else if (id !== undefined && method) {
      ensembl[c] = id;
      methods[c] = method;
    }
  }
  const shown = named ?? idColumn;
  const nameOf = (c: number): string => shown?.values[c] || idColumn?.values[c] || '';
  const names = Array.from({ length: columns }, (_, c) => nameOf(c));
  const byMethod = { ensembl: 0, suffix: 0, symbol: 0, previous: 0, alias: 0, entrez: 0 };
  let ambiguous = 0;
  let otherFeatures = 0;
  for (const method of methods) {
    if (method === 'ambiguous') ambiguous++;
    else if (method === 'not a gene') otherFeatures++;
    else if (method) byMethod[method]++;
  }
  const { entrez, ...byNames } = byMethod;
  const mostlyNumbers = entrez > Object.values(byNames).reduce((sum, n) => sum + n, 0);
  const source = idColumn ?? (mostlyNumbers ? numbered : named);
  return {
    ensembl,
    methods,
    symbols: ensembl.map((id, c) => (id === null ? undefined : table.symbolOf(id)) ?? names[c]),
    names,
    source: source?.name ?? 'index',
    ambiguous,
    otherFeatures,
    byMethod,
    unmappedExamples: ensembl
      .flatMap((id, c) => (id === null && methods[c] !== 'not a gene' ? [names[c]] : []))
      .slice(0, EXAMPLES),
  };
}

/** Columns with an Ensembl id. */
export function mappedColumns({ ensembl }: GeneMapping): number {
  return ensembl.reduce((sum, id) => sum + (id === null ? 0 : 1), 0);
}

interface Meaning {
  readonly id?: string;
  readonly method?: MappingMethod;
  /** True where the name could be several genes. */
  readonly several?: boolean;
}

/** The first name that means one gene, else what the first tells. */
function firstMeaning(names: readonly (string | null | undefined)[], table: GeneTable): Meaning {
  const meanings = names.map((name) => nameMeaning(name ?? '', table));
  return meanings.find(({ id }) => id !== undefined) ?? meanings[0];
}

function numberMeaning(number: string | null | undefined, table: GeneTable): Meaning | undefined {
  const found = table.entrez(number?.trim() ?? '');
  if (found === undefined) return undefined;
  return found === 'ambiguous' ? { several: true } : { id: found, method: 'entrez' };
}

function nameMeaning(written: string, table: GeneTable): Meaning {
  const name = withoutGenome(written);
  const own = ensemblId(name);
  if (own !== undefined) return { id: own, method: 'ensembl' };
  if (name === '') return {};
  const suffix = /_(ENSG[\d.]+)$/.exec(name)?.[1];
  const suffixId = suffix === undefined ? undefined : ensemblId(suffix);
  if (suffixId !== undefined) return { id: suffixId, method: 'suffix' };
  const ways = [
    ['symbol', table.current(name)],
    ['previous', table.previous(name)],
    ['alias', table.alias(name)],
  ] as const;
  for (const [method, found] of ways) {
    if (found === 'ambiguous') return { several: true };
    if (found !== undefined) return { id: found, method };
  }
  return {};
}

/** A candidate this close to the best is as good, and the better-known name decides. */
const AS_GOOD = 0.95;

/**
 * The candidate with most values that pass; between about equals the better-known name, then the
 * first. Columns that mostly repeat themselves (a chromosome, a flag) name no genes.
 */
function best(
  candidates: readonly NameColumn[],
  known: readonly string[],
  passes: (name: string) => boolean,
): { readonly column: NameColumn; readonly share: number } | undefined {
  const scored = candidates.flatMap((column) => {
    const filled = column.values.filter((value) => value?.trim());
    const distinct = new Set(filled);
    if (distinct.size <= filled.length / 2) return [];
    const hits = filled.reduce((sum, value) => sum + (value !== null && passes(value) ? 1 : 0), 0);
    const at = known.indexOf(column.name.toLowerCase());
    return [{ column, hits, share: hits / Math.max(1, filled.length), place: at < 0 ? known.length : at }];
  });
  const most = Math.max(...scored.map(({ hits }) => hits));
  return scored.filter(({ hits }) => hits >= AS_GOOD * most).sort((a, b) => a.place - b.place)[0];
}
