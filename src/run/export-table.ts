import { categoricalColor, toHex } from '../analysis/palette.ts';
import type { Column, Dataset } from '../data/dataset.ts';
import {
  type ExportTable,
  type NamedColumn,
  type NamedEmbedding,
  takeColumn,
  takeRows,
  uniqueName,
} from '../export/table.ts';
import { WITHHELD_REASONS } from '../model/token-batch.ts';
import { DISCLAIMER, PROBE_WITHHELD, WITHHELD_SENTENCES } from './messages.ts';
import type { CellResults, Provenance } from './services.ts';

/** What becomes of a column or obsm of the file that has one of our names. */
const OWN_NAME_SUFFIX = '_in_file';
/** The column whose one value is the disclaimer. */
const NOTE = 'teddy_note';

/**
 * Everything an export says, in file order: all obs of the embedded cells, our predictions (missing
 * where withheld, the reason beside), the file's own embeddings and ours, colours, provenance.
 */
export async function exportTable(
  dataset: Dataset,
  results: CellResults,
  provenance: Provenance,
): Promise<ExportTable> {
  const order = Uint32Array.from(results.rows.keys()).sort((a, b) => results.rows[a] - results.rows[b]);
  const rows = order.map((i) => results.rows[i]);
  const ours = resultColumns(results, order, rows, provenance.oneStudyClasses);
  const colors: Record<string, readonly string[]> = {};
  const columns: NamedColumn[] = [];
  const taken = new Set(ours.map(({ name }) => name));
  for (const name of dataset.obsColumns) {
    const kept = uniqueName(taken.has(name) ? name + OWN_NAME_SUFFIX : name, taken);
    columns.push({ name: kept, column: takeColumn(await dataset.obs(name), rows) });
    const fileColors = await dataset.colors(name);
    if (fileColors) colors[kept] = fileColors;
  }
  for (const { name, column } of ours) {
    if (column.kind === 'categorical' && name !== NOTE) {
      colors[name] = column.categories.map((_, i) => toHex(categoricalColor(i, false)));
    }
  }
  const names = await dataset.obsNames();
  return {
    obsNames: Array.from(rows, (row) => names[row]),
    columns: [...columns, ...ours],
    embeddings: await embeddings(dataset, results, order, rows),
    colors,
    about: { ...provenanceLines(provenance), disclaimer: DISCLAIMER },
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
    { name: 'teddy_row', column: { kind: 'numeric', integer: true, values: Float64Array.from(rows) } },
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

async function embeddings(
  dataset: Dataset,
  results: CellResults,
  order: Uint32Array,
  rows: Uint32Array,
): Promise<NamedEmbedding[]> {
  const ours: NamedEmbedding[] = [
    {
      key: 'X_teddy',
      data: takeRows(results.embedding, results.dimension, order),
      columns: results.dimension,
    },
  ];
  if (results.umap) ours.push({ key: 'X_teddy_umap', data: takeRows(results.umap, 2, order), columns: 2 });
  const taken = new Set(ours.map(({ key }) => key));
  const found: NamedEmbedding[] = [];
  for (const key of dataset.obsmKeys) {
    const { data, exact, columns } = await dataset.obsm(key);
    const kept = uniqueName(taken.has(key) ? key + OWN_NAME_SUFFIX : key, taken);
    found.push({ key: kept, data: takeRows(exact ?? data, columns, rows), columns });
  }
  return [...found, ...ours];
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
