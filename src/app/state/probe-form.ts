import { recordedLabels, suggestLabelColumn } from '../../analysis/labels.ts';
import type { Column } from '../../data/dataset.ts';
import type { FeatureSource, ProbeConfig } from '../../probe/config.ts';
import type { SplitPlan } from '../../probe/types.ts';
import { defaultSplit, PROBE_DEFAULTS, proposedColumns, proposedLabel } from '../../run/probe-defaults.ts';
import type { DatasetSummary } from '../../run/services.ts';
import type { RunSettings } from './run.ts';

/** What the user has chosen of a probe: every field may be unfinished, a run says what is missing. */
export interface ProbeForm {
  readonly labelColumn: string | null;
  /** Recorded value → class; null = left out. Any class name will do. */
  readonly table: ReadonlyMap<string, string | null>;
  /** The model's annotation that answers the same question; null = none does. */
  readonly annotation: string | null;
  readonly groupColumn: string | null;
  readonly studyColumn: string | null;
  readonly cellTypeColumn: string | null;
  readonly caseColumn: string | null;
  readonly features: FeatureSource;
  readonly split: SplitPlan;
  readonly c: number | 'chosen';
  readonly classWeights: 'none' | 'balanced';
  readonly expressionBaseline: boolean;
  readonly permutations: number;
  readonly seed: number;
}

/** Classes of the model's annotations by name. */
export type Annotations = Readonly<Record<string, readonly string[]>>;

/** A column of more values than this is no label: it is offered, but proposes no classes. */
export const MOST_LABELS = 60;

/** Annotations in the order a probe is first asked about them, and the names their columns go by. */
const FIRST_ASKED = ['disease', 'cell_type', 'tissue', 'sex'];

/** The first label column worth probing, or null. */
export function proposeLabelColumn(obsColumns: readonly string[]): string | null {
  for (const annotation of FIRST_ASKED) {
    const found = suggestLabelColumn(annotation, obsColumns);
    if (found !== null) return found;
  }
  return null;
}

/** The classes a label column starts with; none where it has too many values. */
export function proposeTable(
  column: string,
  values: Column,
  rows: Uint32Array,
  annotations: Annotations,
): Pick<ProbeForm, 'table' | 'annotation'> {
  const { labels } = recordedLabels(values, rows);
  if (labels.length > MOST_LABELS) return { table: new Map(), annotation: null };
  const sorted = [...labels].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const { table, annotation } = proposedLabel(column, sorted, annotations);
  return { table: new Map(sorted.map((label) => [label, table[label] ?? null])), annotation };
}

/** The form a file starts with: the same proposals as on the command line. */
export function proposeForm(
  summary: Pick<DatasetSummary, 'obsColumns' | 'donorColumn'>,
  seed: number,
): ProbeForm {
  const labelColumn = proposeLabelColumn(summary.obsColumns);
  const columns = proposedColumns(labelColumn ?? '', summary);
  return {
    labelColumn,
    table: new Map(),
    annotation: null,
    ...columns,
    caseColumn: null,
    features: { kind: 'embedding' },
    split: defaultSplit(columns.groupColumn),
    c: PROBE_DEFAULTS.c,
    classWeights: PROBE_DEFAULTS.classWeights,
    expressionBaseline: true,
    permutations: PROBE_DEFAULTS.permutations,
    seed,
  };
}

/** Classes the table names, once each. */
export function classesOf(table: ReadonlyMap<string, string | null>): readonly string[] {
  return [...new Set([...table.values()].filter((name) => name !== null))];
}

/** The model's annotation that answers the probe's question: it has at least two of its classes. */
export function answeringAnnotation(classes: readonly string[], annotations: Annotations): string | null {
  const asked = (known: readonly string[]) => classes.filter((name) => known.includes(name)).length;
  const [best] = Object.entries(annotations)
    .map(([name, known]) => ({ name, shared: asked(known) }))
    .sort((a, b) => b.shared - a.shared);
  return best && best.shared >= 2 ? best.name : null;
}

/** The form on the cells of a run as plain JSON; null while it names no label. */
export function probeConfig(form: ProbeForm, run: RunSettings): ProbeConfig | null {
  if (form.labelColumn === null) return null;
  const { model } = run;
  return {
    schema: 'teddy-web/probe-config/1',
    file: run.file,
    matrix: run.matrix,
    cells: run.cells,
    quality: run.quality,
    model: { name: model.name, sha256: model.sha256 },
    engine: model.engine.kind,
    pooling: run.pooling,
    features: form.features,
    label: {
      column: form.labelColumn,
      table: Object.fromEntries(form.table),
      annotation: form.annotation,
    },
    groupColumn: form.groupColumn,
    studyColumn: form.studyColumn,
    cellTypeColumn: form.cellTypeColumn,
    caseColumn: form.split.kind === 'held-out-case' ? form.caseColumn : null,
    expressionBaseline: form.expressionBaseline,
    settings: {
      split: form.split,
      c: form.c,
      classWeights: form.classWeights,
      permutations: form.permutations,
      resamples: PROBE_DEFAULTS.resamples,
      seed: form.seed,
    },
  };
}

/** What still stands between the form and a run, as a sentence; null = nothing. */
export function missingOf(form: ProbeForm): string | null {
  if (form.labelColumn === null) return 'Choose the column that records what to predict.';
  if (classesOf(form.table).length < 2) return 'Give at least two classes to what the column records.';
  const { split } = form;
  if (split.kind !== 'random-cells' && form.groupColumn === null)
    return 'Choose the column that names donors, or divide the cells at random.';
  if (split.kind === 'held-out-groups' && split.groups.length === 0) return 'Choose the donors to test on.';
  if (split.kind === 'held-out-case') {
    if (form.caseColumn === null) return 'Choose the column that names the cases.';
    if (split.testCase === '' || split.control === '' || split.trainCases.length === 0)
      return 'Choose the control, the cases to train on and the case to test on.';
  }
  if (form.c !== 'chosen' && !(form.c > 0)) return 'C has to be above 0.';
  return null;
}
