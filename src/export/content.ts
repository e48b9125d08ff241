import type { Column } from '../data/dataset.ts';

/** One obs column, already cut to the embedded cells. */
export interface NamedColumn {
  readonly name: string;
  readonly column: Column;
}

/** An array of the file's or our obsm, cut to the embedded cells: [cells, columns]. */
export interface NamedEmbedding {
  readonly key: string;
  readonly data: Float32Array<ArrayBuffer>;
  readonly columns: number;
}

/** What the model says of one annotation. */
export interface ExportPrediction {
  readonly classes: readonly string[];
  /** [cells, classes] */
  readonly probabilities: Float32Array<ArrayBuffer>;
}

/** Everything a file of results holds, for n embedded cells in file order. */
export interface ExportContent {
  /** [n] row in the file, ascending. */
  readonly rows: Uint32Array<ArrayBuffer>;
  /** [n] names of the cells, which may repeat. */
  readonly obsNames: readonly string[];
  /** All obs of the file. */
  readonly obs: readonly NamedColumn[];
  /** The file's own obsm. */
  readonly obsm: readonly NamedEmbedding[];
  /** The file's own `uns['<column>_colors']`: CSS colours in category order. */
  readonly colors: Readonly<Record<string, readonly string[]>>;
  /** [n, dimension] */
  readonly embedding: Float32Array<ArrayBuffer>;
  readonly dimension: number;
  /** [n, 2] */
  readonly umap: Float32Array<ArrayBuffer> | null;
  /** [n] 1 = passes QC. */
  readonly qcPass: Uint8Array<ArrayBuffer> | null;
  readonly predictions: Readonly<Record<string, ExportPrediction>>;
  /** [n] why a cell's predictions are not shown; empty where they are. */
  readonly withheld: readonly string[];
  /** How the numbers came about, by name: what `uns['teddy']` holds. */
  readonly provenance: Readonly<Record<string, string>>;
  /** The sentence that goes wherever predictions go. */
  readonly disclaimer: string;
}

/** The cells `rows` of a column. */
export function takeRows(column: Column, rows: Uint32Array<ArrayBuffer>): Column {
  switch (column.kind) {
    case 'categorical':
      return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]) };
    case 'string':
      return { kind: 'string', values: Array.from(rows, (row) => column.values[row]) };
    case 'numeric':
      return { ...column, values: Float64Array.from(rows, (row) => column.values[row]) };
    case 'boolean': {
      const values = Uint8Array.from(rows, (row) => column.values[row]);
      const { missing } = column;
      return missing
        ? { kind: 'boolean', values, missing: Uint8Array.from(rows, (row) => missing[row]) }
        : { kind: 'boolean', values };
    }
  }
}

/**
 * obs as it is written: the file's columns, then ours. A column of the file that bears one of our names
 * (a file that went through here before) gives way to ours.
 */
export function exportColumns(content: ExportContent): readonly NamedColumn[] {
  const ours = resultColumns(content);
  const taken = new Set(ours.map(({ name }) => name));
  return [...content.obs.filter(({ name }) => !taken.has(name)), ...ours];
}

function resultColumns(content: ExportContent): NamedColumn[] {
  const { rows, qcPass, withheld } = content;
  const columns: NamedColumn[] = [
    { name: 'teddy_row', column: { kind: 'numeric', values: Float64Array.from(rows), integer: true } },
  ];
  if (qcPass) columns.push({ name: 'teddy_qc_pass', column: { kind: 'boolean', values: qcPass.slice() } });
  const predictions = Object.entries(content.predictions);
  for (const [annotation, prediction] of predictions) {
    columns.push(...predictionColumns(annotation, prediction, withheld));
  }
  if (predictions.length > 0) {
    columns.push({ name: 'teddy_withheld', column: { kind: 'string', values: withheld } });
  }
  return columns;
}

/** The likeliest class and its probability; missing where the prediction is withheld. */
function predictionColumns(
  annotation: string,
  { classes, probabilities }: ExportPrediction,
  withheld: readonly string[],
): NamedColumn[] {
  const codes = new Int32Array(withheld.length).fill(-1);
  const best = new Float64Array(withheld.length).fill(Number.NaN);
  for (let cell = 0; cell < withheld.length; cell++) {
    if (withheld[cell] !== '') continue;
    const from = cell * classes.length;
    let code = 0;
    for (let k = 1; k < classes.length; k++) {
      if (probabilities[from + k] > probabilities[from + code]) code = k;
    }
    codes[cell] = code;
    best[cell] = probabilities[from + code];
  }
  const name = `teddy_${annotation}`;
  return [
    { name, column: { kind: 'categorical', codes, categories: classes, ordered: false } },
    { name: `${name}_probability`, column: { kind: 'numeric', values: best, integer: false } },
  ];
}

/** Text of one value of a column; null where missing. */
export function textAt(column: Column, row: number): string | null {
  switch (column.kind) {
    case 'categorical':
      return column.codes[row] < 0 ? null : column.categories[column.codes[row]];
    case 'string':
      return column.values[row];
    case 'numeric':
      return Number.isNaN(column.values[row]) ? null : String(column.values[row]);
    case 'boolean':
      if (column.missing?.[row]) return null;
      return column.values[row] ? 'True' : 'False';
  }
}
