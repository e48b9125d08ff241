import { assembleDataset } from '../assemble-dataset.ts';
import { boolean, numeric } from '../columns.ts';
import type { Column, Dataset } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { openCompressed } from '../h5ad/sparse-matrix.ts';
import { type Hierarchy, toExtents } from '../hierarchy.ts';
import type { MatrixReader } from '../matrix-reader.ts';
import { type Table, tableOf } from '../table.ts';
import { joinGenomes } from './genomes.ts';

const PARTS = ['barcodes', 'data', 'indices', 'indptr', 'shape'];

/** The features, barcodes and counts of one group of a 10x file. */
export interface TenxGroup {
  readonly name: string;
  readonly barcodes: readonly string[];
  readonly genes: Table;
  readonly reader: MatrixReader;
}

/** Whether a file has a group of the parts that Cell Ranger writes. */
export function isTenx(reader: Hierarchy): boolean {
  return groupsOf(reader).length > 0;
}

function groupsOf(reader: Hierarchy): readonly string[] {
  return reader.keys('/').filter((name) => {
    const members = new Set(reader.type(name) === 'group' ? reader.keys(name) : []);
    return PARTS.every((part) => members.has(part));
  });
}

/**
 * A 10x Genomics `.h5`: `matrix` with `features` (Cell Ranger 3 and later), or one group a genome with `genes`
 * (before), whose cells are joined by barcode. Features × cells by column there is cells × features by row here.
 * Genes are named by their id; symbol, feature type and genome become columns of var.
 * @throws DataError
 */
export async function openTenx(reader: Hierarchy, fileName: string): Promise<Dataset> {
  const names = groupsOf(reader);
  const groups: TenxGroup[] = [];
  for (const name of names) groups.push(await openGroup(reader, name));
  const { barcodes, genes, reader: matrix } = groups.length === 1 ? groups[0] : await joinGenomes(groups);
  return assembleDataset({
    format: '10x-h5',
    fileName,
    cells: tableOf(barcodes, new Map()),
    genes,
    matrices: new Map([['X', { reader: matrix, genes }]]),
    close: () => reader.close(),
  });
}

async function openGroup(reader: Hierarchy, name: string): Promise<TenxGroup> {
  const [features, cells] = toExtents(await reader.numbers(`${name}/shape`));
  const matrix = await openCompressed(reader, name, 'X', 'csr', [cells, features]);
  const barcodes = await reader.strings(`${name}/barcodes`);
  if (barcodes.length !== cells) {
    throw new DataError('bad-shape', `${name} has ${barcodes.length} barcodes for ${cells} cells`, name);
  }
  const genes =
    reader.type(`${name}/features`) === 'group'
      ? await featureTable(reader, `${name}/features`, features)
      : await geneTable(reader, name, features);
  return { name, barcodes, genes, reader: matrix };
}

/** Names 10x gives to features → names AnnData users know. */
const KNOWN: Readonly<Record<string, string>> = { name: 'feature_name', feature_type: 'feature_types' };

async function featureTable(reader: Hierarchy, path: string, features: number): Promise<Table> {
  const columns = new Map<string, Column>();
  for (const member of reader.keys(path)) {
    if (member === 'id' || member.startsWith('_') || reader.type(`${path}/${member}`) !== 'dataset') continue;
    const { shape } = reader.describe(`${path}/${member}`);
    if (shape.length !== 1 || shape[0] !== features) continue;
    const column = await columnAt(reader, `${path}/${member}`);
    if (column !== null) columns.set(KNOWN[member] ?? member, column);
  }
  return tableOf(await namesAt(reader, `${path}/id`, features), columns);
}

async function geneTable(reader: Hierarchy, group: string, features: number): Promise<Table> {
  const symbols = await namesAt(reader, `${group}/gene_names`, features);
  const genome = Array.from({ length: features }, () => group);
  return tableOf(
    await namesAt(reader, `${group}/genes`, features),
    new Map([
      ['feature_name', { kind: 'string', values: symbols }],
      ['genome', { kind: 'string', values: genome }],
    ]),
  );
}

async function namesAt(reader: Hierarchy, path: string, features: number): Promise<readonly string[]> {
  const names = await reader.strings(path);
  if (names.length !== features)
    throw new DataError('bad-shape', `${path} has ${names.length} entries for ${features} features`, path);
  return names;
}

async function columnAt(reader: Hierarchy, path: string): Promise<Column | null> {
  const { kind } = reader.describe(path);
  if (kind === 'string') return { kind: 'string', values: await reader.strings(path) };
  if (kind === 'boolean') return boolean(await reader.numbers(path));
  return kind === 'integer' || kind === 'float'
    ? numeric(await reader.numbers(path), kind === 'integer')
    : null;
}
