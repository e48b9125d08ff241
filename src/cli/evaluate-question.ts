import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ProbeConfig } from '../probe/config.ts';
import { LocalProbeService } from '../probe/service.ts';
import type { SplitPlan } from '../probe/types.ts';
import type { AnsweredQuestion } from '../report/evaluation-summary.ts';
import { FLAG_QUALITY, PROBE_DEFAULTS } from '../run/probe-defaults.ts';
import { evaluateProbe, gatherProbeData, probeRows } from '../run/probe-run.ts';
import type { LoadedModel } from '../run/services.ts';
import { joinForTransfer, type TransferSide } from '../run/transfer.ts';
import { embedCached } from './embedding-cache.ts';
import type { EvaluateRequest } from './evaluate-arguments.ts';
import { type FineTunedPackage, fineTunedRows } from './evaluate-fine-tuned.ts';
import { type Question, TRANSFER } from './evaluation-questions.ts';
import { type Session, sayCells, selectionOf, withSession } from './session.ts';

/** What the questions have in common; the engine is one that every machine has. */
const ENGINE = 'wasm';
export const POOLING = 'gene_mean';
const LEAVE_ONE_OUT: SplitPlan = { kind: 'leave-one-group-out' };

/** A model, and how much is asked of it. */
export interface Examinee extends Pick<EvaluateRequest, 'data' | 'cells' | 'cache'> {
  /** Folder of the model. */
  readonly model: string;
  readonly fineTuned: readonly FineTunedPackage[];
  /** False = without the baseline on expression, which is of the question, and the null, which is of the model but takes long. */
  readonly whole: boolean;
}

export interface Answered {
  readonly answer: AnsweredQuestion;
  readonly model: LoadedModel;
}

/**
 * Puts one question to a model, and to the fine-tuned models that were taught it, on the same cells.
 * @throws RunError, DataError, ProbeError, the signal's reason
 */
export async function answerQuestion(
  asked: Examinee,
  question: Question,
  signal: AbortSignal,
): Promise<Answered> {
  const { title, about } = question;
  const found = await onFile(asked, question.file, signal, async (session, file) => {
    session.line.say(`\n${title}`);
    const config = configOf(asked, question, LEAVE_ONE_OUT, session, file);
    const { assembled, rows } = await assemble(asked, config, file, session);
    const evaluation = await evaluateProbe(new LocalProbeService(), assembled, config, session.job);
    return { config, assembled, rows, evaluation, model: session.model, file };
  });
  const { evaluation } = found;
  const joined = await fineTunedRows(asked.fineTuned, found, { engine: ENGINE, cache: asked.cache }, signal);
  return {
    answer: {
      title,
      about,
      split: LEAVE_ONE_OUT,
      evaluation: { ...evaluation, methods: [...evaluation.methods, ...joined.rows] },
      notes: joined.notes,
    },
    model: found.model,
  };
}

/** The question that goes from one study to another; a fine-tuned model holds out donors of its own study alone. */
export async function answerTransfer(asked: Examinee, signal: AbortSignal): Promise<Answered> {
  const split: SplitPlan = { kind: 'held-out-groups', groups: [TRANSFER.test.name] };
  const side = (part: (typeof TRANSFER)['train'] | (typeof TRANSFER)['test']) =>
    onFile(asked, part.file, signal, async (session, file) => {
      session.line.say(`\n${TRANSFER.title}: ${part.name}`);
      const config = configOf(
        asked,
        { ...part, studyColumn: null, cellTypeColumn: null },
        split,
        session,
        file,
      );
      const { assembled } = await assemble(asked, config, file, session);
      const { ensembl } = await session.dataset.mapping(session.matrix);
      const transferred: TransferSide = { name: part.name, data: assembled.data, ensembl };
      return { side: transferred, config, session };
    });
  const train = await side(TRANSFER.train);
  const test = await side(TRANSFER.test);
  const joined = { data: joinForTransfer(train.side, test.side), cases: null, notices: [] };
  const evaluation = await evaluateProbe(new LocalProbeService(), joined, train.config, test.session.job);
  const { title, about } = TRANSFER;
  return { answer: { title, about, split, evaluation, notes: [] }, model: test.session.model };
}

function onFile<T>(
  { data, model }: Examinee,
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
  { cells, whole }: Examinee,
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
    expressionBaseline: whole,
    settings: { ...PROBE_DEFAULTS, ...(whole ? {} : { permutations: 0 }), split },
  };
}

async function assemble(asked: Examinee, config: ProbeConfig, file: string, session: Session) {
  const { dataset, summary, preflight, model, job } = session;
  const rows = await probeRows(dataset, config, preflight.quality);
  sayCells(session, rows.length);
  const results = await embedCached(session, file, rows, config, asked.cache);
  return { assembled: await gatherProbeData(dataset, summary, model, config, results, job), rows };
}
