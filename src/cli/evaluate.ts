import { mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { version } from '../../package.json';
import type { ProbeConfig } from '../probe/config.ts';
import { LocalProbeService } from '../probe/service.ts';
import type { SplitPlan } from '../probe/types.ts';
import { type AnsweredQuestion, evaluationPage } from '../report/evaluation-page.ts';
import { FLAG_QUALITY, PROBE_DEFAULTS } from '../run/probe-defaults.ts';
import { evaluateProbe, gatherProbeData, probeRows } from '../run/probe-run.ts';
import type { LoadedModel } from '../run/services.ts';
import { joinForTransfer, type TransferSide } from '../run/transfer.ts';
import { parse, UsageError, whole, words } from './arguments.ts';
import { embedCached } from './embedding-cache.ts';
import { QUESTIONS, TRANSFER } from './evaluation-questions.ts';
import { embeddedModelFolder } from './node-environment.ts';
import { type Session, sayCells, selectionOf, withSession } from './session.ts';
import { writeWhole } from './write-whole.ts';

export interface EvaluateRequest {
  /** Folder of the public data. */
  readonly data: string;
  readonly model: string;
  readonly out: string;
  readonly cache: string;
  /** At most so many cells a study, drawn equally from its donors; null = all. */
  readonly cells: number | null;
  /** Ids of the questions. */
  readonly only: readonly string[];
}

const IDS = [...QUESTIONS.map(({ id }) => id), TRANSFER.id];

/** The request of `evaluate`'s arguments. @throws UsageError */
export function evaluateRequest(args: readonly string[]): EvaluateRequest {
  const text = { type: 'string' } as const;
  const { values } = parse(
    args,
    { data: text, model: text, out: text, cache: text, cells: text, only: text },
    0,
  );
  const only = words(values, 'only')?.split(',') ?? IDS;
  const unknown = only.find((id) => !IDS.includes(id));
  if (unknown !== undefined) throw new UsageError(`--only takes ${IDS.join(', ')}, not ${unknown}`);
  return {
    data: resolve(words(values, 'data') ?? join(process.env.TEDDY_SHARED ?? join('..', 'shared'), 'data')),
    model: words(values, 'model') ?? embeddedModelFolder(),
    out: words(values, 'out') ?? join('docs', 'evaluation.md'),
    cache: words(values, 'cache') ?? join('.cache', 'evaluate'),
    cells: whole(values, 'cells', 1),
    only,
  };
}

/** What the questions have in common; the engine is one that every machine has. */
const ENGINE = 'wasm';
const POOLING = 'gene_mean';
const LEAVE_ONE_OUT: SplitPlan = { kind: 'leave-one-group-out' };

/**
 * Puts every question to a model and writes the page of answers. Embeddings are kept in the cache, so that
 * an interrupted run goes on where it was.
 */
export async function evaluateModel(request: EvaluateRequest, signal: AbortSignal): Promise<void> {
  const answers: AnsweredQuestion[] = [];
  let model: LoadedModel | null = null;
  for (const question of QUESTIONS.filter(({ id }) => request.only.includes(id))) {
    const { title, about } = question;
    await onFile(request, question.file, signal, async (session, file) => {
      session.line.say(`\n${title}`);
      const config = configOf(request, question, LEAVE_ONE_OUT, session, file);
      const assembled = await assemble(request, config, file, session);
      const evaluation = await evaluateProbe(new LocalProbeService(), assembled, config, session.job);
      answers.push({ title, about, split: LEAVE_ONE_OUT, evaluation });
      model = session.model;
    });
  }
  if (request.only.includes(TRANSFER.id)) {
    const transfer = await answerTransfer(request, signal);
    answers.push(transfer.answer);
    model = transfer.model;
  }
  if (model === null) return;
  const { name, sha256, training, engine }: LoadedModel = model;
  const page = evaluationPage(answers, {
    version,
    date: new Date(),
    command: 'npm run evaluate',
    model: { name, sha256, what: training?.what ?? null },
    engine: `${engine.kind}, ${engine.device}`,
    pooling: POOLING,
    cells: request.cells,
    seed: PROBE_DEFAULTS.seed,
  });
  mkdirSync(dirname(request.out), { recursive: true });
  writeWhole(request.out, page);
  process.stderr.write(`${request.out}: ${answers.length} questions\n`);
}

async function answerTransfer(
  request: EvaluateRequest,
  signal: AbortSignal,
): Promise<{ answer: AnsweredQuestion; model: LoadedModel }> {
  const split: SplitPlan = { kind: 'held-out-groups', groups: [TRANSFER.test.name] };
  const side = (part: (typeof TRANSFER)['train'] | (typeof TRANSFER)['test']) =>
    onFile(request, part.file, signal, async (session, file) => {
      session.line.say(`\n${TRANSFER.title}: ${part.name}`);
      const asked = { ...part, studyColumn: null, cellTypeColumn: null };
      const config = configOf(request, asked, split, session, file);
      const { data } = await assemble(request, config, file, session);
      const { ensembl } = await session.dataset.mapping(session.matrix);
      const transferred: TransferSide = { name: part.name, data, ensembl };
      return { side: transferred, config, session };
    });
  const train = await side(TRANSFER.train);
  const test = await side(TRANSFER.test);
  const joined = { data: joinForTransfer(train.side, test.side), cases: null, notices: [] };
  const evaluation = await evaluateProbe(new LocalProbeService(), joined, train.config, test.session.job);
  const { title, about } = TRANSFER;
  return { answer: { title, about, split, evaluation }, model: test.session.model };
}

function onFile<T>(
  { data, model }: EvaluateRequest,
  path: string,
  signal: AbortSignal,
  work: (session: Session, file: string) => Promise<T>,
): Promise<T> {
  const file = join(data, path);
  return withSession({ files: [file], model, engine: ENGINE, matrix: null }, signal, (session) =>
    work(session, file),
  );
}

type Asked = Pick<ProbeConfig, 'label' | 'groupColumn' | 'studyColumn' | 'cellTypeColumn'>;

function configOf(
  { cells }: EvaluateRequest,
  { label, groupColumn, studyColumn, cellTypeColumn }: Asked,
  split: SplitPlan,
  { summary, matrix, model }: Session,
  file: string,
): ProbeConfig {
  return {
    schema: 'teddy-web/probe-config/1',
    file: { name: basename(file), bytes: statSync(file).size },
    matrix,
    cells: selectionOf({ cells, first: null, seed: PROBE_DEFAULTS.seed }, summary),
    quality: { ...FLAG_QUALITY, drop: true },
    model: { name: model.name, sha256: model.sha256 },
    engine: ENGINE,
    pooling: POOLING,
    features: { kind: 'embedding' },
    label,
    groupColumn,
    studyColumn,
    cellTypeColumn,
    caseColumn: null,
    expressionBaseline: true,
    settings: { ...PROBE_DEFAULTS, split },
  };
}

async function assemble(request: EvaluateRequest, config: ProbeConfig, file: string, session: Session) {
  const { dataset, summary, preflight, model, job } = session;
  const rows = await probeRows(dataset, config, preflight.quality);
  sayCells(session, rows.length);
  const results = await embedCached(session, file, rows, config, request.cache);
  return gatherProbeData(dataset, summary, model, config, results, job);
}
