import { version } from '../../package.json';
import type { ProbeCells, ProbeConfig } from '../probe/config.ts';
import type { MeasuredProbe, SavedProbe } from '../probe/probe-file.ts';
import type { Evaluation } from '../probe/results.ts';
import type { ProbeJobOptions, ProbeService } from '../probe/types.ts';
import { splitWords, uncertaintyWords } from '../report/words.ts';
import { qcPass } from '../tokenize/quality.ts';
import { type AssembledProbe, assembleProbeData } from './probe-data.ts';
import type { CellResults } from './results.ts';
import type {
  CellSelection,
  DatasetService,
  DatasetSummary,
  JobOptions,
  LoadedModel,
  QualityReport,
} from './services.ts';

/**
 * The steps of a probe that page and command line share, so that one configuration gives one answer:
 * rows → (embedding) → data → evaluation → probe to save.
 */

/** Rows of the file a configuration means, ascending; without those beyond its quality limits where it drops. */
export async function probeRows(
  dataset: Pick<DatasetService, 'select'>,
  { cells, quality }: Pick<ProbeConfig, 'cells' | 'quality'>,
  report: QualityReport,
): Promise<Uint32Array<ArrayBuffer>> {
  const rows = await dataset.select(toSelection(cells));
  if (!quality.drop) return rows;
  const pass = qcPass(report, quality);
  return rows.filter((row) => pass[row] === 1);
}

function toSelection(cells: ProbeCells): CellSelection {
  return cells.kind === 'rows' ? { kind: 'rows', rows: Uint32Array.from(cells.rows).sort() } : cells;
}

export interface GatherOptions extends JobOptions {
  /** What an audit found among the encoder's training cells; absent = nobody looked. */
  readonly trainingRows?: Uint32Array | null;
}

/**
 * Reads what the configuration names of the file and makes the probe's data from it.
 * @throws RunError, DataError, the signal's reason
 */
export async function gatherProbeData(
  dataset: Pick<DatasetService, 'obs' | 'obsm' | 'logCounts'>,
  { donorColumn }: Pick<DatasetSummary, 'donorColumn'>,
  { training }: Pick<LoadedModel, 'training'>,
  config: ProbeConfig,
  results: CellResults,
  { trainingRows = null, ...options }: GatherOptions,
): Promise<AssembledProbe> {
  const { label, groupColumn, studyColumn, cellTypeColumn, caseColumn, features } = config;
  const named = [label.column, groupColumn, studyColumn, cellTypeColumn, caseColumn, donorColumn];
  const names = [...new Set(named.filter((name) => name !== null))];
  const columns = await Promise.all(names.map(async (name) => [name, await dataset.obs(name)] as const));
  return assembleProbeData({
    results,
    config,
    columns: Object.fromEntries(columns),
    donorColumn,
    training,
    trainingRows,
    obsm: features.kind === 'obsm' ? await dataset.obsm(features.key) : null,
    expression: config.expressionBaseline ? await dataset.logCounts(results.rows, options) : null,
  });
}

/** Every method of the table, with what was left out before any split said first. @throws ProbeError */
export async function evaluateProbe(
  service: Pick<ProbeService, 'evaluate'>,
  { data, cases, notices }: AssembledProbe,
  { settings }: Pick<ProbeConfig, 'settings'>,
  options: ProbeJobOptions,
): Promise<Evaluation> {
  const evaluation = await service.evaluate(data, { ...settings, cases }, options);
  return { ...evaluation, notices: [...notices, ...evaluation.notices] };
}

/**
 * One probe on all labelled cells, with all that its file says of it. Its accuracy is what the evaluation
 * of the same procedure says, null where there was none.
 */
export async function trainProbe(
  service: Pick<ProbeService, 'train'>,
  { data }: AssembledProbe,
  config: ProbeConfig,
  { name, sha256, vocabularySha256 }: Pick<LoadedModel, 'name' | 'sha256' | 'vocabularySha256'>,
  evaluation: Evaluation | null,
  options: ProbeJobOptions,
): Promise<SavedProbe> {
  const { c, classWeights, seed } = config.settings;
  const threshold = evaluation?.methods.find(({ id }) => id === 'probe')?.threshold ?? null;
  const probe = await service.train(data, { c, classWeights, seed, threshold }, options);
  const labelled = [...data.labels.keys()].filter((i) => data.labels[i] >= 0);
  const { groups } = data;
  const trained = new Set(labelled.map((i) => groups?.names[groups.codes[i]]));
  return {
    probe,
    description: {
      schema: 'teddy-web/probe/1',
      version,
      trained: new Date().toISOString(),
      model: { name, sha256, vocabularySha256 },
      pooling: config.pooling,
      features: config.features,
      classes: probe.classes,
      label: { column: config.label.column, table: config.label.table },
      training: {
        file: config.file.name,
        cells: labelled.length,
        groupColumn: config.groupColumn,
        groups: [...trained].filter((name) => name !== undefined),
      },
      c: probe.c,
      threshold: probe.threshold,
      measured: evaluation && measured(evaluation, config),
    },
  };
}

function measured(evaluation: Evaluation, { settings }: ProbeConfig): MeasuredProbe {
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  const probe = evaluation.methods.find(({ id }) => id === 'probe');
  return {
    split: splitWords(settings.split),
    tested: evaluation.tested,
    testedGroups: evaluation.testedGroups,
    methods: evaluation.methods.map(({ name, metrics }) => ({
      name,
      accuracy: finite(metrics.accuracy),
      balancedAccuracy: finite(metrics.balancedAccuracy),
      auroc: finite(metrics.auroc),
    })),
    uncertainty: probe ? uncertaintyWords(probe.uncertainty) : '',
  };
}
