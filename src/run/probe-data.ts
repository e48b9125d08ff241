import { type DonorLists, donorStandings } from '../analysis/donors.ts';
import { recordedLabels } from '../analysis/labels.ts';
import type { Column, DenseEmbedding } from '../data/dataset.ts';
import type { FeatureSource, ProbeConfig } from '../probe/config.ts';
import type { Grouping, LogCounts, ProbeData } from '../probe/types.ts';
import { counted } from '../report/numbers.ts';
import { RunError } from './errors.ts';
import type { CellResults, Prediction } from './results.ts';

/** Embedded cells and what the file records of them: all that a probe's data are made from. */
export interface ProbeInputs {
  readonly results: CellResults;
  readonly config: Pick<
    ProbeConfig,
    'features' | 'label' | 'groupColumn' | 'studyColumn' | 'cellTypeColumn' | 'caseColumn'
  >;
  /** Every obs column the configuration names, and the donor column, over all rows of the file. */
  readonly columns: Readonly<Record<string, Column>>;
  /** The column that names donors, whatever the split goes by; null = the file has none. */
  readonly donorColumn: string | null;
  /** Donors of the encoder's training; null = it was trained without labels of ours (no training.json). */
  readonly training: DonorLists | null;
  /** Rows of the file that an audit found among the encoder's training cells; null = nobody looked. */
  readonly trainingRows: Uint32Array | null;
  /** The array of the file, where features come from `obsm`. */
  readonly obsm: DenseEmbedding | null;
  readonly expression: LogCounts | null;
}

export interface AssembledProbe {
  readonly data: ProbeData;
  /** Of a 'held-out-case' split. */
  readonly cases: Grouping | null;
  /** Sentences on what was left out before any split. */
  readonly notices: readonly string[];
}

/**
 * The data of a probe. A cell without a class in the label table has no label.
 *
 * `seen`: a group is seen where its own name, or the donor of any of its cells, is on the encoder's
 * training lists, or where any of its cells is one of the training cells, whatever its donor is called.
 * Where nothing groups the cells, such cells lose their label, since no split could keep them out of a test.
 * @throws RunError 'no-features', 'too-few-classes', 'unknown-column'
 */
export function assembleProbeData(inputs: ProbeInputs): AssembledProbe {
  const { results, config, training, expression } = inputs;
  const { rows } = results;
  const grouping = (name: string | null): Grouping | null => {
    if (name === null) return null;
    const { labels, codes } = recordedLabels(columnOf(inputs, name), rows);
    return { names: labels, codes };
  };
  const donors = grouping(inputs.donorColumn);
  const groups = grouping(config.groupColumn);
  const cellSeen = seenCells(inputs, donors);
  const leftOut = groups === null ? cellSeen : new Uint8Array(rows.length);
  const { classes, labels } = labelsOf(columnOf(inputs, config.label.column), rows, config.label, leftOut);
  if (classes.length < 2) {
    throw new RunError(
      'too-few-classes',
      `${config.label.column} has ${classes.length === 0 ? 'no class' : 'one class alone'} among these cells`,
      config.label.column,
    );
  }
  const dropped = leftOut.reduce((sum, flag) => sum + flag, 0);
  const prediction = config.label.annotation === null ? null : results.predictions[config.label.annotation];
  const { features, dimension } = featuresOf(results, config.features, inputs.obsm);
  return {
    data: {
      features,
      dimension,
      classes,
      labels,
      groups,
      seen: groups === null ? new Uint8Array(0) : seenGroups(groups, training, cellSeen),
      studies: grouping(config.studyColumn),
      cellTypes: grouping(config.cellTypeColumn),
      head: prediction ? headProbabilities(prediction, classes, results.withheld) : null,
      expression,
    },
    cases: grouping(config.caseColumn),
    notices:
      dropped === 0
        ? []
        : [
            `Left out, since the model was trained on them or on their donors: ${counted(dropped, 'cell')}. Without a group column no split keeps them out of the test.`,
          ],
  };
}

/** What stands for "nothing wrong": the first class, so that the second class of two is the finding. */
const CONTROL = /^(?:normal|healthy|healthy controls?|controls?|ctrl|ctl|untreated|unstimulated)$/i;

/** The classes in the order a probe has them: a control first, the others by name as scikit-learn sorts. */
export function orderClasses(names: Iterable<string>): string[] {
  const order = (name: string) => (CONTROL.test(name.trim()) ? 0 : 1);
  return [...new Set(names)].sort((a, b) => order(a) - order(b) || (a < b ? -1 : a > b ? 1 : 0));
}

/**
 * The model's own answer in the classes of a probe: the head's probabilities of the classes of equal name,
 * renormalised over those (the head is asked the probe's question, not its own with more answers). Classes
 * the head does not know have 0. NaN for withheld cells and where the head gives the probe's classes
 * nothing at all.
 * @returns [n, classes]; null where fewer than two classes of the probe are classes of the head
 */
export function headProbabilities(
  { classes: known, probabilities }: Prediction,
  classes: readonly string[],
  withheld: Uint8Array,
): Float32Array<ArrayBuffer> | null {
  const k = classes.length;
  const columns = classes.map((name) => known.indexOf(name));
  if (columns.filter((column) => column >= 0).length < 2) return null;
  const head = new Float32Array(withheld.length * k).fill(Number.NaN);
  for (let cell = 0; cell < withheld.length; cell++) {
    if (withheld[cell] !== 0) continue;
    const own = columns.map((column) => (column < 0 ? 0 : probabilities[cell * known.length + column]));
    const sum = own.reduce((total, value) => total + value, 0);
    if (!(sum > 0)) continue;
    for (let c = 0; c < k; c++) head[cell * k + c] = own[c] / sum;
  }
  return head;
}

function columnOf({ columns }: ProbeInputs, name: string): Column {
  const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (!column) throw new RunError('unknown-column', `the file has no obs column ${name}`, name);
  return column;
}

/** Classes that cells have, and the class of each cell; a cell left out has none. */
function labelsOf(
  column: Column,
  rows: Uint32Array,
  { table }: ProbeConfig['label'],
  leftOut: Uint8Array,
): { classes: string[]; labels: Int32Array<ArrayBuffer> } {
  const recorded = recordedLabels(column, rows);
  const classOf = recorded.labels.map((label) => (Object.hasOwn(table, label) ? table[label] : null));
  const codes = recorded.codes.map((code, i) => (leftOut[i] === 1 ? -1 : code));
  const used = new Set(codes);
  const classes = orderClasses(
    classOf.filter((name, code): name is string => name !== null && used.has(code)),
  );
  const index = classOf.map((name) => (name === null ? -1 : classes.indexOf(name)));
  return { classes, labels: codes.map((code) => (code < 0 ? -1 : index[code])) };
}

/** [names] 1 = on the training lists. */
function seenNames(grouping: Grouping | null, training: DonorLists | null): Uint8Array<ArrayBuffer> {
  const names = grouping?.names ?? [];
  const standings = donorStandings(names, training);
  return Uint8Array.from(names, (name) => (standings.get(name)?.status === 'seen' ? 1 : 0));
}

/** [n] 1 = of a donor on the training lists, or itself one of the training cells. */
function seenCells(
  { results, training, trainingRows }: ProbeInputs,
  donors: Grouping | null,
): Uint8Array<ArrayBuffer> {
  const seen = seenNames(donors, training);
  const known = new Set(trainingRows);
  return Uint8Array.from(results.rows, (row, i) =>
    known.has(row) || seen[donors?.codes[i] ?? -1] === 1 ? 1 : 0,
  );
}

function seenGroups(
  groups: Grouping,
  training: DonorLists | null,
  cellSeen: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const seen = seenNames(groups, training);
  groups.codes.forEach((group, i) => {
    if (group >= 0 && cellSeen[i] === 1) seen[group] = 1;
  });
  return seen;
}

/**
 * [n, dimension] features of embedded cells; values of obsm may be NaN, which no probe reads.
 * @param obsm the array of the file, where the source is one
 * @throws RunError 'no-features'
 */
export function featuresOf(
  results: CellResults,
  source: FeatureSource,
  obsm: DenseEmbedding | null,
): { features: Float32Array<ArrayBuffer>; dimension: number } {
  switch (source.kind) {
    case 'embedding':
      return { features: results.embedding, dimension: results.dimension };
    case 'annotation-state': {
      const { annotation } = source;
      const states = results.annotationStates;
      if (!states || !Object.hasOwn(states, annotation)) {
        throw new RunError(
          'no-features',
          `the run kept no states of the annotation ${annotation}`,
          annotation,
        );
      }
      return { features: states[annotation], dimension: results.dimension };
    }
    case 'obsm': {
      if (obsm === null) throw new RunError('no-features', `the file has no array ${source.key}`, source.key);
      const { data, columns } = obsm;
      const features = new Float32Array(results.rows.length * columns);
      results.rows.forEach((row, i) => {
        features.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
      });
      return { features, dimension: columns };
    }
  }
}
