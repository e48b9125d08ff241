import { DataType, type Field, Precision, type Schema, Type } from 'apache-arrow';
import { DataError } from '../errors.ts';

/** Where an Arrow table of cells keeps its counts; numbers are positions of columns. */
export type CountsLayout =
  /** Lists of gene positions (or gene names) beside lists of counts. */
  | { readonly kind: 'sparse'; readonly genes: number; readonly counts: number; readonly named: boolean }
  /** One fixed-size list over all genes. */
  | { readonly kind: 'fixed'; readonly counts: number; readonly size: number }
  /** One numeric column a gene. */
  | { readonly kind: 'columns'; readonly columns: readonly number[] };

/** How to read an Arrow table of cells (docs/arrow-schema.md). */
export interface ArrowLayout {
  readonly counts: CountsLayout;
  /** Gene names in column order; null = collected from the lists of names. */
  readonly geneIds: readonly string[] | null;
  /** Gene symbols beside the ids, where the file has them. */
  readonly geneSymbols: readonly string[] | null;
  /** Columns that become obs. */
  readonly obs: readonly { readonly name: string; readonly column: number }[];
  /** Column of cell names, or null. */
  readonly obsNames: number | null;
}

const ENSEMBL_NAME = /(^|_)ENS[A-Z]{0,5}G\d{11}(\.\d+)?$/;
const GENE_LISTS = ['gene_indices', 'indices', 'gene_index', 'genes', 'gene_ids', 'gene'];
const COUNT_LISTS = ['counts', 'values', 'data', 'expression', 'X'];
const OBS_NAMES = [
  'obs_names',
  'obs_name',
  '_index',
  'index',
  '__index_level_0__',
  'cell_id',
  'barcode',
  'cell',
];
/** Without Ensembl names or metadata, a table this wide is taken for one column a gene … */
const WIDE = 50;
/** … except for columns that are called like measures of a cell, as no gene is: EPCAM, PCTP, PROB1 and PCA3 are. */
const CELL_MEASURE =
  /^(n_|nCount|nFeature|total_|pct_|percent[._]|log1p_|size_factor)|(score|prob|probability)s?$|(^|[_. ])(score|prob|pca|(umap|tsne)\d*)([_. ]|$)/i;

/**
 * Reads the layout off a schema: by metadata `teddy` (JSON: indices, counts, obs_names, gene_ids), by
 * metadata `gene_ids` (JSON list), else by types and names.
 * @throws DataError `bad-schema` saying what is missing.
 */
export function readLayout(schema: Schema): ArrowLayout {
  const wishes = jsonObject(schema.metadata.get('teddy'));
  const geneIds = stringList(wishes.gene_ids) ?? stringList(json(schema.metadata.get('gene_ids')));
  const geneSymbols =
    stringList(wishes.gene_symbols) ?? stringList(json(schema.metadata.get('gene_symbols')));
  if (geneIds && geneSymbols && geneIds.length !== geneSymbols.length) {
    throw new DataError('bad-schema', `${geneIds.length} gene_ids but ${geneSymbols.length} gene_symbols`);
  }
  const { fields } = schema;
  const counts = findCounts(fields, wishes, geneIds);
  const ids = counts.kind === 'columns' ? counts.columns.map((column) => fields[column].name) : geneIds;
  if (ids === null && !(counts.kind === 'sparse' && counts.named)) {
    throw new DataError(
      'bad-schema',
      'the file names no genes: put their ids as a JSON list into the schema metadata under gene_ids',
    );
  }
  if (counts.kind === 'fixed' && ids !== null && ids.length !== counts.size) {
    throw new DataError(
      'bad-schema',
      `the lists hold ${counts.size} counts but ${ids.length} genes are named`,
    );
  }
  const used = new Set(counts.kind === 'columns' ? counts.columns : [counts.counts]);
  if (counts.kind === 'sparse') used.add(counts.genes);
  const obsNames = findObsNames(fields, wishes, used);
  if (obsNames !== null) used.add(obsNames);
  const obs = fields
    .map((field, column) => ({ name: field.name, column, type: field.type }))
    .filter(({ column, type }) => !used.has(column) && isObsType(type))
    .map(({ name, column }) => ({ name, column }));
  return { counts, geneIds: ids, geneSymbols: ids === null ? null : geneSymbols, obs, obsNames };
}

function findCounts(
  fields: readonly Field[],
  wishes: Readonly<Record<string, unknown>>,
  geneIds: readonly string[] | null,
): CountsLayout {
  const lists = fields
    .map((field, column) => ({ field, column }))
    .filter(({ field: { type } }) => isList(type) && (isNumber(itemType(type)) || isText(itemType(type))));
  const countLists = lists.filter(({ field }) => isNumber(itemType(field.type)));
  const wished = (key: string, among: typeof lists) => among.find(({ field }) => field.name === wishes[key]);
  const named = (names: readonly string[], among: typeof lists) =>
    names.map((name) => among.find(({ field }) => field.name === name)).find(Boolean);

  const geneLists = lists.filter(({ field }) => {
    const item = itemType(field.type);
    return DataType.isInt(item) || isText(item);
  });
  const genes =
    wished('indices', geneLists) ??
    named(GENE_LISTS, geneLists) ??
    (geneLists.length === 1 ? geneLists[0] : undefined);
  const others = countLists.filter((list) => list !== genes);
  const counts =
    wished('counts', others) ?? named(COUNT_LISTS, others) ?? (others.length === 1 ? others[0] : undefined);
  if (genes && counts) {
    return {
      kind: 'sparse',
      genes: genes.column,
      counts: counts.column,
      named: isText(itemType(genes.field.type)),
    };
  }
  const fixed = fields
    .map((field, column) => ({ field, column }))
    .filter(({ field: { type } }) => DataType.isFixedSizeList(type) && isNumber(itemType(type)));
  const dense =
    wished('counts', fixed) ??
    named(COUNT_LISTS, fixed) ??
    fixed.find(
      ({ field: { type } }) => DataType.isFixedSizeList(type) && type.listSize === geneIds?.length,
    ) ??
    (fixed.length === 1 ? fixed[0] : undefined);
  if (dense && DataType.isFixedSizeList(dense.field.type)) {
    return { kind: 'fixed', counts: dense.column, size: dense.field.type.listSize };
  }
  const columns = geneColumns(fields, geneIds);
  if (columns.length > 0) return { kind: 'columns', columns };
  throw new DataError(
    'bad-schema',
    'the file has no counts we recognise: neither lists of gene indices and counts, nor a fixed-size list, nor a column for each gene',
  );
}

function geneColumns(fields: readonly Field[], geneIds: readonly string[] | null): number[] {
  const numeric = fields.map((field, column) => ({ ...field, column })).filter(({ type }) => isNumber(type));
  const ids = geneIds === null ? null : new Set(geneIds);
  if (ids !== null) return numeric.filter(({ name }) => ids.has(name)).map(({ column }) => column);
  const genes = numeric.filter(({ name }) => !CELL_MEASURE.test(name));
  const ensembl = genes.filter(({ name }) => ENSEMBL_NAME.test(name));
  // Genes without a symbol go by their id among the symbols of the others: a few columns beside ids are measures of
  // the cells, many are genes.
  const isWide = genes.length - ensembl.length >= WIDE;
  return (isWide ? genes : ensembl).map(({ column }) => column);
}

function findObsNames(
  fields: readonly Field[],
  wishes: Readonly<Record<string, unknown>>,
  used: ReadonlySet<number>,
): number | null {
  const wanted = typeof wishes.obs_names === 'string' ? [wishes.obs_names] : OBS_NAMES;
  for (const name of wanted) {
    const column = fields.findIndex(
      (field, at) => field.name === name && !used.has(at) && isText(field.type),
    );
    if (column >= 0) return column;
  }
  return null;
}

function isList(type: DataType): boolean {
  return DataType.isList(type) || type.typeId === Type.LargeList;
}

function itemType(type: DataType): DataType {
  return (type as DataType & { children: Field[] }).children[0].type;
}

function isNumber(type: DataType): boolean {
  return DataType.isInt(type) || (DataType.isFloat(type) && type.precision !== Precision.HALF);
}

function isText(type: DataType): boolean {
  return (
    DataType.isUtf8(type) ||
    type.typeId === Type.LargeUtf8 ||
    type.typeId === Type.Utf8View ||
    (DataType.isDictionary(type) && isText(type.dictionary))
  );
}

function isObsType(type: DataType): boolean {
  return isNumber(type) || isText(type) || DataType.isBool(type) || DataType.isDictionary(type);
}

function json(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DataError('bad-schema', 'the schema metadata is not the JSON it should be', '', {
      cause: error,
    });
  }
}

function jsonObject(text: string | undefined): Readonly<Record<string, unknown>> {
  const value = json(text);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function stringList(value: unknown): readonly string[] | null {
  if (value === undefined) return null;
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw new DataError('bad-schema', 'gene_ids must be a JSON list of names');
  }
  return value;
}
