import { mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseHTML } from 'linkedom';
import { recordedLabels } from '../analysis/labels.ts';
import { auditSentences } from '../audit/sentences.ts';
import { type ProbeConfig, parseProbeConfig } from '../probe/config.ts';
import { ProbeFileError } from '../probe/file-errors.ts';
import { writeProbeFile } from '../probe/probe-file.ts';
import { LocalProbeService } from '../probe/service.ts';
import { reportHtml } from '../report/html.ts';
import { reportJson } from '../report/json.ts';
import { RunError } from '../run/errors.ts';
import {
  defaultSplit,
  FLAG_QUALITY,
  PROBE_DEFAULTS,
  proposedColumns,
  proposedLabel,
} from '../run/probe-defaults.ts';
import { probeReport } from '../run/probe-report.ts';
import { evaluateProbe, gatherProbeData, probeRows, trainProbe } from '../run/probe-run.ts';
import type { DatasetSummary } from '../run/services.ts';
import { readConfigJson } from './config-file.ts';
import { embedCached } from './embedding-cache.ts';
import { applySavedProbe } from './probe-apply.ts';
import type { ProbeAsked, ProbeRequest } from './probe-arguments.ts';
import { evaluationText } from './probe-table.ts';
import { type Session, sayCells, selectionOf, withSession } from './session.ts';
import { writeWhole } from './write-whole.ts';

/** Larger than any list of rows a configuration may hold. */
const MAX_CONFIG_BYTES = 128 * 2 ** 20;

/**
 * Evaluates a probe and writes report.json, report.html and NAME.probe.safetensors into the folder, the
 * table to stdout; or applies a saved one.
 * @throws whatever fails, the signal's reason when cancelled
 */
export async function probe(request: ProbeRequest, signal: AbortSignal): Promise<void> {
  switch (request.kind) {
    case 'apply':
      return applySavedProbe(request, signal);
    case 'options':
      return withSession(request.session, signal, async (session) => {
        const config = await configOf(request.asked, request.session.files[0], session);
        await runProbe(config, request.session.files[0], request.out, request.cache, session);
      });
    case 'config': {
      const config = readConfig(request.config);
      const file = request.file ?? join(dirname(request.config), config.file.name);
      const engine = request.engine ?? config.engine;
      const asked = { files: [file], model: request.model, engine, matrix: config.matrix };
      return withSession(asked, signal, async (session) => {
        sayDifferences(config, file, session);
        await runProbe(config, file, request.out, request.cache, session);
      });
    }
  }
}

async function runProbe(
  config: ProbeConfig,
  file: string,
  out: string,
  cache: string | null,
  session: Session,
): Promise<void> {
  const { dataset, summary, preflight, model, location, line, job } = session;
  mkdirSync(out, { recursive: true });
  const findings = await dataset.audit(
    { matrix: session.matrix, groupColumn: config.groupColumn, model: location, against: null },
    job,
  );
  const audit = auditSentences(findings);
  for (const sentence of audit) line.say(sentence);
  const rows = await probeRows(dataset, config, preflight.quality);
  sayCells(session, rows.length);
  const results = await embedCached(session, file, rows, config, cache);
  const { trainingRows } = findings;
  const assembled = await gatherProbeData(dataset, summary, model, config, results, { ...job, trainingRows });
  const service = new LocalProbeService();
  const evaluation = await evaluateProbe(service, assembled, config, job);
  const saved = await trainProbe(service, assembled, config, model, evaluation, job);
  const report = probeReport({
    config,
    summary,
    preflight,
    model,
    embedded: rows.length,
    evaluation,
    audit,
    date: new Date(),
  });
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const name = config.label.column.replace(/[^\p{L}\p{N}_.-]+/gu, '_');
  writeWhole(join(out, 'report.json'), reportJson(report));
  writeWhole(join(out, 'report.html'), reportHtml(report, document));
  writeWhole(join(out, `${name}.probe.safetensors`), writeProbeFile(saved));
  line.end(`${out}: report.html, report.json, ${name}.probe.safetensors`);
  process.stdout.write(evaluationText(evaluation, config.settings.split));
}

/** The configuration that options mean for an open file. */
async function configOf(
  asked: ProbeAsked,
  file: string,
  { dataset, summary, matrix, model }: Session,
): Promise<ProbeConfig> {
  const column = columnOf(summary, asked.label);
  const proposed = proposedColumns(column, summary);
  const chosen = (wish: string | null, own: string | null) =>
    wish === null ? own : wish === 'none' ? null : columnOf(summary, wish);
  const groupColumn = chosen(asked.groups, proposed.groupColumn);
  const { labels } = recordedLabels(await dataset.obs(column));
  const cells = selectionOf(asked, summary);
  return {
    schema: 'teddy-web/probe-config/1',
    file: { name: basename(file), bytes: statSync(file).size },
    matrix,
    cells,
    quality: { ...FLAG_QUALITY, drop: asked.dropFailing },
    model: { name: model.name, sha256: model.sha256 },
    engine: model.engine.kind,
    pooling: asked.pooling,
    features: asked.features,
    label: proposedLabel(column, labels, model.config.annotations),
    groupColumn,
    studyColumn: chosen(asked.study, proposed.studyColumn),
    cellTypeColumn: chosen(asked.cellTypes, proposed.cellTypeColumn),
    caseColumn: chosen(asked.cases, null),
    expressionBaseline: asked.expression,
    settings: {
      split: asked.split ?? defaultSplit(groupColumn),
      c: asked.c ?? PROBE_DEFAULTS.c,
      classWeights: asked.classWeights ?? PROBE_DEFAULTS.classWeights,
      permutations: asked.permutations ?? PROBE_DEFAULTS.permutations,
      resamples: asked.resamples ?? PROBE_DEFAULTS.resamples,
      seed: asked.seed,
    },
  };
}

function columnOf({ obsColumns }: DatasetSummary, name: string): string {
  if (obsColumns.includes(name)) return name;
  throw new RunError(
    'unknown-column',
    `the file has no obs column ${name}, only ${obsColumns.join(', ')}`,
    name,
  );
}

function readConfig(path: string): ProbeConfig {
  const fault = (message: string, cause?: unknown) =>
    new ProbeFileError('config-invalid', message, '', { cause });
  return parseProbeConfig(configIn(readConfigJson(path, MAX_CONFIG_BYTES, fault)));
}

/** A report holds its configuration: either may be given. */
function configIn(json: unknown): unknown {
  const isReport = typeof json === 'object' && json !== null && 'config' in json && 'evaluation' in json;
  return isReport ? json.config : json;
}

/** What makes other figures than the configuration's likely, said before they are made. */
function sayDifferences(config: ProbeConfig, file: string, { model, line }: Session): void {
  const { bytes, name } = config.file;
  const size = statSync(file).size;
  if (bytes !== null && bytes !== size)
    line.say(`${file} has ${size} bytes, ${name} of the configuration had ${bytes}: the figures may differ.`);
  if (config.model.sha256 !== '' && config.model.sha256 !== model.sha256)
    line.say(
      `The configuration is of ${config.model.name} with other weights than ${model.name}: the figures will differ.`,
    );
  if (config.engine !== model.engine.kind)
    line.say(
      `The configuration was run on ${config.engine}, this is ${model.engine.kind}: last digits may differ.`,
    );
}
