import { matchLabels, suggestLabelColumn } from '../analysis/labels.ts';
import type { ProbeConfig } from '../probe/config.ts';
import type { SplitPlan } from '../probe/types.ts';
import { GREATEST_MITOCHONDRIAL, LEAST_GENES } from '../tokenize/quality.ts';
import type { DatasetSummary } from './services.ts';

/** Settings a probe starts with, on the page and on the command line. */
export const PROBE_DEFAULTS = {
  c: 'chosen',
  classWeights: 'none',
  permutations: 100,
  resamples: 1000,
  seed: 0,
} as const satisfies Partial<ProbeConfig['settings']>;

/** Folds of a split by random cells. */
const RANDOM_FOLDS = 5;

/** Each donor held out in turn; only a file without donors is split by random cells, which says so itself. */
export function defaultSplit(groupColumn: string | null): SplitPlan {
  return groupColumn === null
    ? { kind: 'random-cells', folds: RANDOM_FOLDS }
    : { kind: 'leave-one-group-out' };
}

/** The paper's quality limits, flagged rather than dropped. */
export const FLAG_QUALITY: ProbeConfig['quality'] = {
  drop: false,
  leastGenes: LEAST_GENES,
  greatestMitochondrial: GREATEST_MITOCHONDRIAL,
};

const STUDY_COLUMNS =
  /^(?:study(?:_id)?|dataset(?:_id)?|batch(?:_id)?|pool|library(?:_id)?|lane|run(?:_id)?)$/i;

/** Columns that go with a label: donors, study or batch, cell types; null = none is recognised. */
export function proposedColumns(
  label: string,
  { obsColumns, donorColumn }: Pick<DatasetSummary, 'obsColumns' | 'donorColumn'>,
): Pick<ProbeConfig, 'groupColumn' | 'studyColumn' | 'cellTypeColumn'> {
  const cellTypes = suggestLabelColumn('cell_type', obsColumns) ?? predictedCellTypes(obsColumns);
  return {
    groupColumn: donorColumn === label ? null : donorColumn,
    studyColumn: obsColumns.find((name) => name !== label && STUDY_COLUMNS.test(name)) ?? null,
    cellTypeColumn: cellTypes === label ? null : cellTypes,
  };
}

function predictedCellTypes(columns: readonly string[]): string | null {
  return columns.find((name) => /^cell_?type.*(?:predicted|inferred)$/i.test(name)) ?? null;
}

/**
 * What the labels of a column mean: themselves, or a class of the model where one of its annotations has
 * at least two of them, each as a class of its own. Labels that the annotation would merge (CD4 and CD8
 * T cells) stay apart, and the head then has no row.
 */
export function proposedLabel(
  column: string,
  labels: readonly string[],
  annotations: Readonly<Record<string, readonly string[]>>,
): ProbeConfig['label'] {
  const own = Object.fromEntries(labels.map((label) => [label, label]));
  let best: ProbeConfig['label'] = { column, table: own, annotation: null };
  let most = 1;
  for (const [annotation, classes] of Object.entries(annotations)) {
    const matched = matchLabels(annotation, labels, classes);
    const known = labels.flatMap((label) => matched.get(label) ?? []);
    const names = labels.map((label) => matched.get(label) ?? label);
    if (known.length <= most || new Set(names).size < labels.length) continue;
    most = known.length;
    best = { column, table: Object.fromEntries(labels.map((label, i) => [label, names[i]])), annotation };
  }
  return best;
}
