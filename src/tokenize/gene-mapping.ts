import { ensemblId, type GeneTable } from './gene-table.ts';

/** How a column got its Ensembl id, in the order the ways are tried. */
type MappingMethod = 'ensembl' | 'suffix' | 'symbol' | 'previous' | 'alias';

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
  /** [columns] */
  readonly methods: readonly (MappingMethod | null)[];
  /** [columns] the name to show: current symbol, else what the file calls it. */
  readonly symbols: readonly string[];
  /** The var column most ids were taken from: a column name or "index". */
  readonly source: string;
  /** Columns whose name could be several genes, or an id that another column already has. */
  readonly ambiguous: number;
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
 * one gene and are nobody's current symbol. Ambiguous names stay unmapped. Versions are stripped
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
  const ensembl = new Array<string | null>(columns).fill(null);
  const methods = new Array<MappingMethod | null>(columns).fill(null);
  const claimed = new Set<string>();
  for (let c = 0; idColumn && c < columns; c++) {
    const id = ensemblId(idColumn.values[c] ?? '');
    if (id === undefined || isGene[c] === false) continue;
    ensembl[c] = id;
    methods[c] = 'ensembl';
    claimed.add(id);
  }
  let ambiguous = 0;
  for (let c = 0; named && c < columns; c++) {
    const name = named.values[c]?.trim();
    if (ensembl[c] !== null || !name || isGene[c] === false) continue;
    const { id, method, several } = nameMeaning(name, table);
    if (several || (id !== undefined && claimed.has(id))) ambiguous++;
    else if (id !== undefined && method) {
      ensembl[c] = id;
      methods[c] = method;
    }
  }
  const shown = named ?? idColumn;
  const nameOf = (c: number): string => shown?.values[c] || idColumn?.values[c] || '';
  const byMethod = { ensembl: 0, suffix: 0, symbol: 0, previous: 0, alias: 0 };
  for (const method of methods) if (method) byMethod[method]++;
  return {
    ensembl,
    methods,
    symbols: ensembl.map((id, c) => (id === null ? undefined : table.symbolOf(id)) ?? nameOf(c)),
    source: (idColumn ?? named)?.name ?? 'index',
    ambiguous,
    byMethod,
    unmappedExamples: ensembl.flatMap((id, c) => (id === null ? [nameOf(c)] : [])).slice(0, EXAMPLES),
  };
}

interface Meaning {
  readonly id?: string;
  readonly method?: MappingMethod;
  /** True where the name could be several genes. */
  readonly several?: boolean;
}

function nameMeaning(name: string, table: GeneTable): Meaning {
  const own = ensemblId(name);
  if (own !== undefined) return { id: own, method: 'ensembl' };
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
