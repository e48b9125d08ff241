import { type DonorLists, donorStandings } from '../analysis/donors.ts';
import { recordedLabels } from '../analysis/labels.ts';
import type { Column } from '../data/dataset.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import type { Grouping, LogCounts } from '../probe/types.ts';
import type { TrainData } from '../train/config.ts';
import type { TrainingCells, TrainingLabels, TrainingSource } from '../train/types.ts';
import { RunError } from './errors.ts';
import { orderClasses } from './probe-data.ts';
import type { DatasetService, TokenizeOptions } from './services.ts';

/** What is recorded of the cells of one study. */
export interface StudyRecords {
  readonly data: TrainData;
  readonly cells: number;
  /** Annotation → recorded classes. */
  readonly labels: Readonly<Record<string, Grouping>>;
  readonly donors: Grouping | null;
  /** [donors] 1 = the base model was trained on it. */
  readonly seen: readonly number[];
  readonly batches: Grouping | null;
  readonly cellTypes: Grouping | null;
}

/** The cells of one study, not yet joined with others. */
export interface StudyCells extends StudyRecords {
  /** File name → hex SHA-256. */
  readonly sha256: Readonly<Record<string, string>>;
  readonly tokens: TokenBatch;
  readonly expression: LogCounts | null;
}

export interface StudyOptions extends TokenizeOptions {
  /** Of the base model; null = it has none, or it starts from nothing. */
  readonly training: DonorLists | null;
  /** Rows that an audit found among the base model's training cells: their donors are known to it, whatever their names. */
  readonly trainingRows?: Uint32Array | null;
  /** File name → hex SHA-256, where known. */
  readonly sha256?: Readonly<Record<string, string>>;
  /** Also the counts for a regression on expression. */
  readonly expression?: boolean;
}

/**
 * What the columns of the open file record of some rows; no counts are read.
 * @throws RunError 'unknown-column', 'no-cells-chosen'
 */
export async function studyRecords(
  dataset: Pick<DatasetService, 'obs'>,
  data: TrainData,
  rows: Uint32Array<ArrayBuffer>,
  { training, trainingRows = null }: Pick<StudyOptions, 'training' | 'trainingRows'>,
): Promise<StudyRecords> {
  if (rows.length === 0)
    throw new RunError('no-cells-chosen', `no cell of ${data.study} is left to learn from`);
  const grouping = async (name: string | null): Promise<Grouping | null> => {
    if (name === null) return null;
    const { labels, codes } = recordedLabels(await dataset.obs(name), rows);
    return { names: labels, codes };
  };
  const donors = await grouping(data.donorColumn);
  const standings = donorStandings(donors?.names ?? [], training);
  const known = new Set(trainingRows);
  const foundAgain = new Set(donors?.codes.filter((_, cell) => known.has(rows[cell])));
  const labels: Record<string, Grouping> = {};
  for (const [annotation, { column, table }] of Object.entries(data.labels))
    labels[annotation] = classesOf(await dataset.obs(column), rows, table);
  return {
    data,
    cells: rows.length,
    labels,
    donors,
    seen: (donors?.names ?? []).map((name, donor) =>
      standings.get(name)?.status === 'seen' || foundAgain.has(donor) ? 1 : 0,
    ),
    batches: await grouping(data.studyColumn),
    cellTypes: await grouping(data.cellTypeColumn),
  };
}

/**
 * Tokens and records of one study from the open file, after its pre-flight for the base model.
 * @throws RunError 'unknown-column', 'no-cells-chosen', DataError, the signal's reason
 */
export async function gatherStudy(
  dataset: Pick<DatasetService, 'obs' | 'tokenize' | 'logCounts'>,
  data: TrainData,
  rows: Uint32Array<ArrayBuffer>,
  { training, trainingRows = null, sha256 = {}, expression = false, ...options }: StudyOptions,
): Promise<StudyCells> {
  return {
    ...(await studyRecords(dataset, data, rows, { training, trainingRows })),
    sha256,
    expression: expression ? await dataset.logCounts(rows, options) : null,
    tokens: await dataset.tokenize(rows, options),
  };
}

/** Studies one after the other, as the cells of a training. */
export function joinStudies(studies: readonly StudyCells[]): TrainingCells {
  return {
    ...joinRecords(studies),
    sources: studies.map((study) => ({ ...sourceOf(study), files: study.sha256 })),
    tokens: joinTokens(studies.map(({ tokens }) => tokens)),
    expression: studies.length > 1 ? null : studies[0].expression,
  };
}

/** The same without tokens: what donor sets are dealt from. */
export function joinRecords(studies: readonly StudyRecords[]): Omit<TrainingCells, 'tokens' | 'expression'> {
  const sizes = studies.map(({ cells }) => cells);
  const several = studies.length > 1;
  const annotations = [...new Set(studies.flatMap(({ labels }) => Object.keys(labels)))];
  const batches = studies.map(
    ({ data, batches: own }, s): Grouping =>
      own === null
        ? { names: [data.study], codes: new Int32Array(sizes[s]) }
        : several
          ? { names: own.names.map((name) => `${data.study}: ${name}`), codes: own.codes }
          : own,
  );
  const donors = concatenate(
    studies.map(({ donors: own }, s) => own ?? nobody(sizes[s])),
    false,
  );
  return {
    labels: Object.fromEntries(
      annotations.map((annotation) => [
        annotation,
        joinLabels(studies.map(({ labels }, s) => labels[annotation] ?? nobody(sizes[s]))),
      ]),
    ),
    donors: {
      ...donors,
      studies: studies.flatMap(({ donors: own }, s) => (own?.names ?? []).map(() => s)),
      seen: studies.flatMap(({ seen }) => seen),
    },
    sources: studies.map(sourceOf),
    studies: Int32Array.from(sizes.flatMap((size, s) => Array.from({ length: size }, () => s))),
    batches: concatenate(batches, true),
    cellTypes: studies.every(({ cellTypes }) => cellTypes === null)
      ? null
      : concatenate(
          studies.map(({ cellTypes }, s) => cellTypes ?? nobody(sizes[s])),
          true,
        ),
  };
}

function sourceOf({ data, donors }: StudyRecords): TrainingSource {
  const { study, citation, licence } = data;
  return { study, files: {}, citation, licence, hasDonors: donors !== null };
}

/** Classes of a table, in the order of a probe; recorded values that the table leaves out are −1. */
function classesOf(
  column: Column,
  rows: Uint32Array,
  table: Readonly<Record<string, string | null>>,
): Grouping {
  const recorded = recordedLabels(column, rows);
  const classOf = recorded.labels.map((label) => (Object.hasOwn(table, label) ? table[label] : null));
  const names = orderClasses(classOf.filter((name) => name !== null));
  const places = classOf.map((name) => (name === null ? -1 : names.indexOf(name)));
  return { names, codes: recorded.codes.map((code) => (code < 0 ? -1 : places[code])) };
}

function nobody(cells: number): Grouping {
  return { names: [], codes: new Int32Array(cells).fill(-1) };
}

function joinLabels(parts: readonly Grouping[]): TrainingLabels {
  const { names, codes } = concatenate(parts, true);
  const classes = orderClasses(names);
  const places = names.map((name) => classes.indexOf(name));
  return { classes, codes: codes.map((code) => (code < 0 ? -1 : places[code])) };
}

/** @param merge whether equal names of two parts are one */
function concatenate(parts: readonly Grouping[], merge: boolean): Grouping {
  const names: string[] = [];
  const known = new Map<string, number>();
  const codes = new Int32Array(parts.reduce((sum, part) => sum + part.codes.length, 0));
  let at = 0;
  for (const part of parts) {
    const places = part.names.map((name) => {
      const found = merge ? known.get(name) : undefined;
      if (found !== undefined) return found;
      known.set(name, names.length);
      return names.push(name) - 1;
    });
    for (const code of part.codes) codes[at++] = code < 0 ? -1 : places[code];
  }
  return { names, codes };
}

function joinTokens(parts: readonly TokenBatch[]): TokenBatch {
  const cells = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const length = parts.reduce((sum, { geneIds }) => sum + geneIds.length, 0);
  const rows = new Uint32Array(cells);
  const withheld = new Uint8Array(cells);
  const cuSeqlens = new Uint32Array(cells + 1);
  const geneIds = new Uint32Array(length);
  const values = parts.some((part) => part.values) ? new Float32Array(length) : undefined;
  let cell = 0;
  let token = 0;
  for (const part of parts) {
    rows.set(part.rows, cell);
    withheld.set(part.withheld, cell);
    geneIds.set(part.geneIds, token);
    if (values && part.values) values.set(part.values, token);
    for (let c = 0; c < part.rows.length; c++) cuSeqlens[cell + c + 1] = token + part.cuSeqlens[c + 1];
    cell += part.rows.length;
    token += part.geneIds.length;
  }
  return { rows, cuSeqlens, geneIds, ...(values ? { values } : {}), withheld };
}
