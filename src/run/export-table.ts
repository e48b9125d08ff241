import { categoricalColor, toHex } from '../analysis/palette.ts';
import type { Column, Dataset } from '../data/dataset.ts';
import { DataError } from '../data/errors.ts';
import {
  type ExportTable,
  type NamedColumn,
  type NamedEmbedding,
  scatterColumn,
  takeColumn,
  takeRows,
  uniqueName,
} from '../export/table.ts';
import type { Addition } from '../export/whole-h5ad.ts';
import { WITHHELD_REASONS } from '../model/token-batch.ts';
import { DISCLAIMER, PROBE_WITHHELD, WITHHELD_SENTENCES } from './messages.ts';
import type { CellResults, Provenance } from './results.ts';

/** What becomes of a column or obsm of the file that has one of our names. */
const OWN_NAME_SUFFIX = '_in_file';
/** The column that says where in the file a cell stands. */
const ROW = 'teddy_row';
/** The column whose one value is the disclaimer. */
const NOTE = 'teddy_note';

/** What an export says that the file does not: of the embedded cells, in file order. */
interface OwnTable {
  /** Of the results, by file order. */
  readonly order: Uint32Array;
  /** Of the file, ascending. */
  readonly rows: Uint32Array;
  readonly columns: readonly NamedColumn[];
  readonly embeddings: readonly NamedEmbedding[];
  readonly colors: Readonly<Record<string, readonly string[]>>;
  readonly about: Readonly<Record<string, string | number>>;
}

function ownTable(results: CellResults, provenance: Provenance): OwnTable {
  const order = Uint32Array.from(results.rows.keys()).sort((a, b) => results.rows[a] - results.rows[b]);
  const rows = order.map((i) => results.rows[i]);
  const columns = resultColumns(results, order, rows, provenance.oneStudyClasses);
  const colors: Record<string, readonly string[]> = {};
  for (const { name, column } of columns) {
    if (column.kind === 'categorical' && name !== NOTE) {
      colors[name] = column.categories.map((_, i) => toHex(categoricalColor(i, false)));
    }
  }
  const about = { ...provenanceLines(provenance), disclaimer: DISCLAIMER };
  return { order, rows, columns, embeddings: ownEmbeddings(results, order), colors, about };
}

/**
 * Everything an export says, in file order: all obs of the embedded cells, our predictions (missing
 * where withheld, the reason beside), the file's own embeddings and ours, colours, provenance. What of the file
 * cannot be read is left out and named in `about.left_out`: a damaged column must not cost the results.
 */
export async function exportTable(
  dataset: Dataset,
  results: CellResults,
  provenance: Provenance,
): Promise<{ readonly table: ExportTable; readonly leftOut: readonly string[] }> {
  const own = ownTable(results, provenance);
  const colors: Record<string, readonly string[]> = {};
  const columns: NamedColumn[] = [];
  const leftOut: string[] = [];
  const taken = new Set(own.columns.map(({ name }) => name));
  for (const name of dataset.obsColumns) {
    const column = await readable(() => dataset.obs(name), `obs ${name}`, leftOut);
    if (column === null) continue;
    const kept = uniqueName(taken.has(name) ? name + OWN_NAME_SUFFIX : name, taken);
    columns.push({ name: kept, column: takeColumn(column, own.rows) });
    const fileColors = await dataset.colors(name);
    if (fileColors) colors[kept] = fileColors;
  }
  const names = await dataset.obsNames();
  const embeddings = [...(await fileEmbeddings(dataset, own, leftOut)), ...own.embeddings];
  const table = {
    obsNames: Array.from(own.rows, (row) => names[row]),
    columns: [...columns, ...own.columns],
    embeddings,
    colors: { ...colors, ...own.colors },
    about: leftOut.length === 0 ? own.about : { ...own.about, left_out: leftOut.join('; ') },
  };
  return { table, leftOut };
}

/** A part of the file, or null, with its name and why in `leftOut`, where it is damaged or of a kind unknown. */
async function readable<T>(read: () => Promise<T>, what: string, leftOut: string[]): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    leftOut.push(`${what}: ${error.message}`);
    return null;
  }
}

/**
 * The same of ours alone, for every cell of the file: missing for cells that were not embedded, which
 * `teddy_embedded` tells. Rows need no number there.
 */
export function additionTo(cells: number, results: CellResults, provenance: Provenance): Addition {
  const { rows, columns, embeddings, colors, about } = ownTable(results, provenance);
  const embedded = (): Column => {
    const values = new Uint8Array(cells);
    for (const row of rows) values[row] = 1;
    return { kind: 'boolean', values };
  };
  return {
    cells,
    rows,
    columns: [
      { name: 'teddy_embedded', column: embedded },
      ...columns
        .filter(({ name }) => name !== ROW)
        .map(({ name, column }) => ({ name, column: () => scatterColumn(column, rows, cells) })),
    ],
    embeddings,
    colors,
    about,
  };
}

function resultColumns(
  results: CellResults,
  order: Uint32Array,
  rows: Uint32Array,
  oneStudyClasses: string | undefined,
): NamedColumn[] {
  const withheld = Uint8Array.from(order, (i) => results.withheld[i]);
  const columns: NamedColumn[] = [
    { name: ROW, column: { kind: 'numeric', integer: true, values: Float64Array.from(rows) } },
  ];
  const { qcPass } = results;
  if (qcPass) {
    const values = Uint8Array.from(order, (i) => qcPass[i]);
    columns.push({ name: 'teddy_qc_pass', column: { kind: 'boolean', values } });
  }
  for (const [name, { classes, probabilities, withheld: ownRule }] of Object.entries(results.predictions)) {
    const codes = new Int32Array(order.length).fill(-1);
    const values = new Float64Array(order.length).fill(Number.NaN);
    for (const [cell, i] of order.entries()) {
      if ((ownRule ? ownRule[i] : withheld[cell]) !== 0) continue;
      const own = probabilities.subarray(i * classes.length, (i + 1) * classes.length);
      if (!own.every(Number.isFinite)) continue;
      codes[cell] = own.indexOf(Math.max(...own));
      values[cell] = own[codes[cell]];
    }
    columns.push(
      { name: `teddy_${name}`, column: { kind: 'categorical', codes, categories: classes, ordered: false } },
      { name: `teddy_${name}_probability`, column: { kind: 'numeric', integer: false, values } },
    );
    if (ownRule) {
      const reasons = Array.from(order, (i) => PROBE_WITHHELD[ownRule[i]] ?? '');
      columns.push({ name: `teddy_${name}_withheld`, column: { kind: 'string', values: reasons } });
    }
  }
  if (Object.keys(results.predictions).length > 0) {
    const reasons = Array.from(withheld, (code) => WITHHELD_SENTENCES[WITHHELD_REASONS[code]]);
    columns.push(
      { name: 'teddy_withheld', column: { kind: 'string', values: reasons } },
      note(order.length, oneStudyClasses),
    );
  }
  return columns;
}

/** What a reader must know beside the predictions, in every row: a table loses its metadata on the first copy. */
function note(cells: number, oneStudyClasses: string | undefined): NamedColumn {
  const oneStudy = oneStudyClasses
    ? `; seen in one training study only, which they may recognise instead: ${oneStudyClasses}`
    : '';
  const column: Column = {
    kind: 'categorical',
    codes: new Int32Array(cells),
    categories: [DISCLAIMER + oneStudy],
    ordered: false,
  };
  return { name: NOTE, column };
}

function ownEmbeddings(results: CellResults, order: Uint32Array): NamedEmbedding[] {
  const { embedding, dimension, umap } = results;
  const own = [{ key: 'X_teddy', data: takeRows(embedding, dimension, order), columns: dimension }];
  if (umap) own.push({ key: 'X_teddy_umap', data: takeRows(umap, 2, order), columns: 2 });
  return own;
}

async function fileEmbeddings(
  dataset: Dataset,
  { embeddings, rows }: Pick<OwnTable, 'embeddings' | 'rows'>,
  leftOut: string[],
): Promise<NamedEmbedding[]> {
  const taken = new Set(embeddings.map(({ key }) => key));
  const found: NamedEmbedding[] = [];
  for (const key of dataset.obsmKeys) {
    const read = await readable(() => dataset.obsm(key), `obsm ${key}`, leftOut);
    if (read === null) continue;
    const { data, exact, columns } = read;
    const kept = uniqueName(taken.has(key) ? key + OWN_NAME_SUFFIX : key, taken);
    found.push({ key: kept, data: takeRows(exact ?? data, columns, rows), columns });
  }
  return found;
}

function provenanceLines(provenance: Provenance): Record<string, string | number> {
  const { modelSha256, trainingData, oneStudyClasses, matrixNote, ...rest } = provenance;
  return {
    ...rest,
    model_sha256: modelSha256,
    training_data: trainingData,
    ...(matrixNote ? { matrix_note: matrixNote } : {}),
    ...(oneStudyClasses ? { classes_seen_in_one_study_only: oneStudyClasses } : {}),
  };
}
