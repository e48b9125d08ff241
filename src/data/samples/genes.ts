import { ensemblId } from '../../tokenize/gene-table.ts';
import { asText } from '../columns.ts';
import type { Column, Dataset, MatrixName } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { type Table, tableOf } from '../table.ts';

/** The genes of all samples, and where each sample's columns went. */
export interface JoinedGenes {
  readonly table: Table;
  /** [samples][columns of the sample] column of the joined table. */
  readonly columnsOf: readonly Uint32Array<ArrayBuffer>[];
}

/** A file's genes are named by Ensembl ids when at least this share of a column of var are such. */
const LEAST_ID_SHARE = 0.5;
/** Share of the genes of the smaller of two files that both must have to be opened as one. */
const LEAST_SHARED = 0.3;

interface Genes {
  readonly names: readonly string[];
  readonly texts: ReadonlyMap<string, readonly (string | null)[]>;
  /** Ensembl ids of the columns where the file has them. */
  readonly ids: readonly (string | null)[] | null;
}

/**
 * The union of the samples' genes, the first sample's first: by Ensembl id (without version) where every sample has
 * those, else by name. The n-th column of a name goes with the n-th of that name elsewhere: none are added up here.
 * @throws DataError `not-together` where a sample shares too few genes with the first
 */
export async function joinGenes(
  datasets: readonly Dataset[],
  matrix: MatrixName,
  paths: readonly string[],
): Promise<JoinedGenes> {
  const genes = await Promise.all(datasets.map((dataset) => genesOf(dataset, matrix)));
  const byId = genes.every(({ ids }) => ids !== null);
  const places = new Map<string, number>();
  const names: string[] = [];
  const texts = new Map<string, (string | null)[]>();
  for (const { texts: own } of genes) for (const column of own.keys()) texts.set(column, []);
  const columnsOf: Uint32Array<ArrayBuffer>[] = [];
  for (const [s, one] of genes.entries()) {
    const keys = numberedKeys(one, byId);
    const shared = keys.reduce((sum, key) => sum + (places.has(key) ? 1 : 0), 0);
    if (s > 0 && !(shared >= LEAST_SHARED * Math.min(keys.length, genes[0].names.length))) {
      throw new DataError(
        'not-together',
        `${paths[s]} shares ${shared.toLocaleString('en-US')} of its ${keys.length.toLocaleString('en-US')} genes with ${paths[0]}: they cannot be opened as one`,
        paths[s],
      );
    }
    columnsOf.push(
      Uint32Array.from(keys, (key, column) => {
        const known = places.get(key);
        if (known !== undefined) return known;
        places.set(key, names.length);
        for (const [name, values] of texts) values.push(one.texts.get(name)?.[column] ?? null);
        return names.push(one.names[column]) - 1;
      }),
    );
  }
  const columns = new Map<string, Column>();
  for (const [name, values] of texts) columns.set(name, { kind: 'string', values });
  return { table: tableOf(names, columns), columnsOf };
}

async function genesOf(dataset: Dataset, matrix: MatrixName): Promise<Genes> {
  const names = await dataset.varNames(matrix);
  const texts = new Map<string, readonly (string | null)[]>();
  for (const column of await dataset.varColumns(matrix)) {
    const read = await dataset.varColumn(matrix, column);
    if (read.kind === 'string') texts.set(column, read.values);
    else if (read.kind === 'categorical' && read.categoryKind === undefined) texts.set(column, asText(read));
  }
  const ids = [names, ...texts.values()].find((values) => {
    const share = values.reduce((sum, value) => sum + (value !== null && ensemblId(value) ? 1 : 0), 0);
    return values.length > 0 && share >= LEAST_ID_SHARE * values.length;
  });
  return { names, texts, ids: ids ?? null };
}

/** One key a column, unique within the sample. */
function numberedKeys({ names, ids }: Genes, byId: boolean): readonly string[] {
  const seen = new Map<string, number>();
  return names.map((name, column) => {
    const own = byId ? ids?.[column] : null;
    const key = (own && ensemblId(own) ? own.trim().replace(/\.\d+(?=(_PAR_Y)?$)/, '') : name) || name;
    const n = (seen.get(key) ?? 0) + 1;
    seen.set(key, n);
    return n === 1 ? key : `${key}\0${n}`;
  });
}
