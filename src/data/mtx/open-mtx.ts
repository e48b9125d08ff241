import type { ByteSource } from '../../model/byte-source.ts';
import { assembleDataset } from '../assemble-dataset.ts';
import type { Column, Dataset, MatrixInfo } from '../dataset.ts';
import { DataError } from '../errors.ts';
import { contentsOf } from '../gzip.ts';
import { readerOfRows } from '../rows-in-memory.ts';
import { type Table, tableOf } from '../table.ts';
import { MatrixMarketParser } from './matrix-market.ts';
import { readTextTable } from './text-table.ts';

/** Bytes of a matrix as text, unpacked: 80 million entries. */
const MAX_BYTES = 4 * 2 ** 30;

/** A file beside others, with its path in what was given. */
export interface SourceAtPath {
  readonly path: string;
  readonly source: ByteSource;
}

type Lines = readonly (readonly string[])[];

/**
 * A matrix in Matrix Market format with the lists of its barcodes and genes: genes × cells as 10x writes it, or
 * cells × genes where the lengths of the lists say so. Kept in memory by cell.
 * @throws DataError `missing-parts` naming the list that is not there
 */
export async function openMtx(
  matrix: SourceAtPath,
  texts: readonly SourceAtPath[],
  fileName: string,
  signal?: AbortSignal,
): Promise<Dataset> {
  if (texts.length < 2) throw missing(matrix, texts);
  const parser = new MatrixMarketParser();
  for await (const bytes of contentsOf(matrix.source, MAX_BYTES, signal)) parser.push(bytes);
  const { rows, columns } = parser.finish();
  const lists = await Promise.all(
    texts.map(async ({ path, source }) => ({ path, lines: await readTextTable(source, path, signal) })),
  );
  const { cells, genes, cellsAreColumns } = assignLists(lists, rows, columns);
  const info: MatrixInfo = {
    name: 'X',
    storage: 'csr',
    rows: cells.length,
    columns: genes.length,
    stored: parser.entries.length,
  };
  const reader = readerOfRows(info, parser.entries.takeByCell(cells.length, cellsAreColumns), matrix.path);
  const variables = geneTable(genes);
  return assembleDataset({
    format: 'mtx',
    fileName,
    cells: tableOf(
      cells.map(([name]) => name),
      new Map(),
    ),
    genes: variables,
    matrices: new Map([['X', { reader, genes: variables }]]),
  });
}

const OF_CELLS = /barcode|cell/i;
const OF_GENES = /feature|gene/i;

function missing(matrix: SourceAtPath, texts: readonly SourceAtPath[]): DataError {
  const has = (pattern: RegExp) => texts.some(({ path }) => pattern.test(nameOf(path)));
  const parts = [
    ...(has(OF_CELLS) ? [] : ['the list of barcodes (barcodes.tsv)']),
    ...(has(OF_GENES) ? [] : ['the list of genes (features.tsv or genes.tsv)']),
  ];
  const what = parts.length > 0 ? parts.join(' and ') : 'a list of its genes or cells';
  return new DataError('missing-parts', `${nameOf(matrix.path)} comes without ${what}`, matrix.path);
}

function nameOf(path: string): string {
  return path.replace(/^.*\//, '');
}

interface Assigned {
  readonly cells: Lines;
  readonly genes: Lines;
  readonly cellsAreColumns: boolean;
}

/** Which list is which and which way round the matrix lies: by the names of the files, then by their lengths. */
function assignLists(
  lists: readonly { readonly path: string; readonly lines: Lines }[],
  rows: number,
  columns: number,
): Assigned {
  for (const cellList of lists) {
    if (OF_GENES.test(nameOf(cellList.path)) && !OF_CELLS.test(nameOf(cellList.path))) continue;
    for (const geneList of lists) {
      if (geneList === cellList) continue;
      if (OF_CELLS.test(nameOf(geneList.path)) && !OF_GENES.test(nameOf(geneList.path))) continue;
      for (const cellsAreColumns of [true, false]) {
        const cells = ofLength(cellList.lines, cellsAreColumns ? columns : rows);
        const genes = ofLength(geneList.lines, cellsAreColumns ? rows : columns);
        if (cells && genes) return { cells, genes, cellsAreColumns };
      }
    }
  }
  const lengths = lists.map(({ path, lines }) => `${nameOf(path)} with ${lines.length} lines`).join(' and ');
  throw new DataError('bad-shape', `the matrix is ${rows} × ${columns} beside ${lengths}`);
}

/** First cells of a header line: a list one too long is else a list of something else. */
const HEADER =
  /^(|x|v1|ids?|names?|index|symbol|bc_wells?|barcodes?|(cell|gene|feature)s?([._ -]?(id|name|barcode|symbol)s?)?)$/i;

/** The lines without a header; null where their number is another. */
function ofLength(lines: Lines, length: number): Lines | null {
  if (lines.length === length) return lines;
  return lines.length === length + 1 && HEADER.test(lines[0][0]) ? lines.slice(1) : null;
}

/** Columns of features.tsv: id, symbol, type (Cell Ranger 3), and whatever else is not said. */
function geneTable(lines: Lines): Table {
  const columns = new Map<string, Column>();
  const text = (at: number): Column => ({ kind: 'string', values: lines.map((line) => line[at] ?? null) });
  if (lines.some((line) => line.length > 1)) columns.set('feature_name', text(1));
  if (lines.some((line) => line.length > 2)) columns.set('feature_types', text(2));
  return tableOf(
    lines.map(([id]) => id),
    columns,
  );
}
