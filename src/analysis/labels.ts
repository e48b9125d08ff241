import type { Column } from '../data/dataset.ts';
import {
  CELL_TYPE_NAMES,
  CONTROL_NAMES,
  DISEASE_NAMES,
  type Names,
  SEX_NAMES,
  TISSUE_NAMES,
} from './label-names.ts';

const MISSING = new Set([
  '',
  'unknown',
  'na',
  'nan',
  'n/a',
  '<na>',
  'none',
  'null',
  'unassigned',
  'not available',
  'not applicable',
]);

/** True where a recorded value says nothing: empty, `unknown`, `NA`, `unassigned` …, in any case. */
export function isMissingLabel(label: string | null): boolean {
  return label === null || MISSING.has(label.trim().toLowerCase());
}

/** A column as recorded classes of cells. */
export interface RecordedLabels {
  /** Distinct labels, trimmed, without missing ones. */
  readonly labels: readonly string[];
  /** [n] index into `labels`, −1 = missing. */
  readonly codes: Int32Array<ArrayBuffer>;
}

/**
 * Reads an obs column as labels of the given cells. Numbers are labels too (`batch` 1, 2 …), NaN is
 * missing.
 * @param rows [n] rows of the file; all rows when absent.
 */
export function recordedLabels(column: Column, rows?: Uint32Array): RecordedLabels {
  const total = column.kind === 'categorical' ? column.codes.length : column.values.length;
  const n = rows?.length ?? total;
  const labels: string[] = [];
  const index = new Map<string, number>();
  const codes = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    const text = labelAt(column, rows?.[i] ?? i);
    if (text === null || isMissingLabel(text)) {
      codes[i] = -1;
      continue;
    }
    const label = text.trim();
    let code = index.get(label);
    if (code === undefined) {
      code = labels.length;
      index.set(label, code);
      labels.push(label);
    }
    codes[i] = code;
  }
  return { labels, codes };
}

/** Recorded label → class of the model; null = left out of every score. The user may edit it. */
export type LabelTable = ReadonlyMap<string, string | null>;

/**
 * The table the page starts with: equal names first (in any case, `_` and `-` as spaces), then the
 * names files commonly use for the classes the model has. What matches nothing is null.
 */
export function matchLabels(
  annotation: string,
  labels: readonly string[],
  classes: readonly string[],
): Map<string, string | null> {
  const byName = new Map(classes.map((name) => [normalized(name), name]));
  const classOf = (label: string): string | null => {
    const exact = byName.get(normalized(label));
    if (exact !== undefined) return exact;
    const synonym = SYNONYMS.get(annotation)?.find(([pattern]) => pattern.test(normalized(label)))?.[1];
    return byName.get(normalized(synonym ?? '')) ?? null;
  };
  const table = new Map(labels.map((label) => [label, classOf(label)]));
  const normal = byName.get('normal');
  if (annotation === 'disease' && normal !== undefined) {
    const controls = labels.filter((label) => CONTROL_NAMES.test(normalized(label)));
    const others = labels.filter((label) => !controls.includes(label));
    if (others.length === 0 || others.some((label) => table.get(label) !== null)) {
      for (const label of controls) table.set(label, normal);
    }
  }
  return table;
}

/** Recorded labels in the model's terms. */
export interface MatchedLabels {
  /** [n] index into the model's classes, −1 = missing or unmatched. */
  readonly codes: Int32Array<ArrayBuffer>;
  /** Labels without a class, with the cells that carry them: listed, never scored. */
  readonly unmatched: readonly { readonly label: string; readonly cells: number }[];
  /** Cells without a recorded label. */
  readonly missing: number;
}

export function applyLabelTable(
  recorded: RecordedLabels,
  table: LabelTable,
  classes: readonly string[],
): MatchedLabels {
  const classOf = recorded.labels.map((label) => classes.indexOf(table.get(label) ?? ''));
  const cells = new Uint32Array(recorded.labels.length);
  let missing = 0;
  const codes = recorded.codes.map((code) => {
    if (code < 0) {
      missing++;
      return -1;
    }
    cells[code] = (cells[code] as number) + 1;
    return classOf[code] as number;
  });
  const unmatched = recorded.labels
    .map((label, code) => ({ label, cells: cells[code] as number, matched: (classOf[code] as number) >= 0 }))
    .filter((entry) => !entry.matched)
    .map(({ label, cells: count }) => ({ label, cells: count }));
  return { codes, unmatched, missing };
}

/**
 * The obs column most likely to record an annotation, or null. Names are tried in order, so that
 * `disease` (the CELLxGENE name) comes before `condition`; ontology ids are never taken.
 */
export function suggestLabelColumn(annotation: string, columns: readonly string[]): string | null {
  const candidates = columns.filter((name) => !/ontology|_id$|_prob|_score|^teddy_/i.test(name));
  for (const pattern of COLUMN_NAMES.get(annotation) ?? [new RegExp(`^${escapePattern(annotation)}$`)]) {
    const found = candidates.find((name) => pattern.test(normalized(name).replaceAll(' ', '_')));
    if (found !== undefined) return found;
  }
  return null;
}

/** True where a column's name says that software, not people, made its labels: agreement, not accuracy. */
export function isDerivedColumn(name: string): boolean {
  return /predict|inferred|imputed|transferred|celltypist|singler|azimuth|(?:^|_)(?:pred|auto)(?:_|$)|louvain|leiden/i.test(
    name,
  );
}

const COLUMN_NAMES: ReadonlyMap<string, readonly RegExp[]> = new Map([
  [
    'disease',
    [/^disease$/, /^diagnosis$/, /^disease_/, /^condition$/, /^(?:health_)?status$/, /^phenotype$/],
  ],
  ['tissue', [/^tissue$/, /^tissue_type$/, /^tissue_general$/, /^organ$/, /^region$/]],
  [
    'cell_type',
    [
      /^cell_?type$/,
      /^author_cell_type$/,
      /^cell_?types?_/,
      /^annotation/,
      /^louvain$/,
      /^leiden$/,
      /^bulk_labels$/,
      /^cluster/,
    ],
  ],
  ['sex', [/^sex$/, /^gender$/, /^sex_/]],
]);

const SYNONYMS: ReadonlyMap<string, Names> = new Map([
  ['disease', DISEASE_NAMES],
  ['tissue', TISSUE_NAMES],
  ['cell_type', CELL_TYPE_NAMES],
  ['sex', SEX_NAMES],
]);

/** Lower case; `_` and inner `-` as spaces; single spaces. A last `-` stays: "COVID-" is a negative. */
function normalized(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/-(?=.)|_/g, ' ')
    .replace(/\s+/g, ' ');
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function labelAt(column: Column, row: number): string | null {
  switch (column.kind) {
    case 'categorical':
      return column.categories[column.codes[row] ?? -1] ?? null;
    case 'string':
      return column.values[row] ?? null;
    case 'numeric': {
      const value = column.values[row] ?? Number.NaN;
      return Number.isNaN(value) ? null : String(value);
    }
    case 'boolean':
      return column.missing?.[row] === 1 ? null : column.values[row] === 1 ? 'true' : 'false';
  }
}
