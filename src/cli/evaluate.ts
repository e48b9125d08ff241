import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { version } from '../../package.json';
import { evaluationPage } from '../report/evaluation-page.ts';
import { PROBE_DEFAULTS } from '../run/probe-defaults.ts';
import type { EvaluateRequest } from './evaluate-arguments.ts';
import { openFineTuned } from './evaluate-fine-tuned.ts';
import {
  type Answered,
  answerQuestion,
  answerTransfer,
  type Examinee,
  POOLING,
} from './evaluate-question.ts';
import { QUESTIONS, TRANSFER } from './evaluation-questions.ts';
import { writeWhole } from './write-whole.ts';

/**
 * Puts every question to the models and writes the page of answers. Embeddings are kept in the cache, so that
 * an interrupted run goes on where it was.
 * @throws UsageError, whatever fails, the signal's reason
 */
export async function evaluateModels(request: EvaluateRequest, signal: AbortSignal): Promise<void> {
  const fineTuned = request.fineTuned.map(openFineTuned);
  const { data, cells, cache, only } = request;
  const examined: (readonly Answered[])[] = [];
  for (const [m, model] of request.models.entries()) {
    const first = m === 0;
    const asked = { data, cells, cache, model, fineTuned: first ? fineTuned : [], whole: first };
    examined.push(await examine(asked, only, signal));
  }
  const [own, ...others] = examined.map((answered) => ({
    ...modelFacts(answered[0].model),
    answers: answered.map(({ answer }) => answer),
  }));
  const { engine } = examined[0][0].model;
  const page = evaluationPage(own.answers, {
    version,
    date: new Date(),
    command: request.typed,
    model: own,
    others,
    engine: `${engine.kind}, ${engine.device}`,
    pooling: POOLING,
    cells,
    seed: PROBE_DEFAULTS.seed,
  });
  mkdirSync(dirname(request.out), { recursive: true });
  writeWhole(request.out, page);
  process.stderr.write(`${request.out}: ${own.answers.length} questions\n`);
}

/** Answers of one model to the questions of these ids. */
async function examine(
  asked: Examinee,
  only: readonly string[],
  signal: AbortSignal,
): Promise<readonly Answered[]> {
  const answered: Answered[] = [];
  for (const question of QUESTIONS.filter(({ id }) => only.includes(id)))
    answered.push(await answerQuestion(asked, question, signal));
  if (only.includes(TRANSFER.id)) answered.push(await answerTransfer(asked, signal));
  return answered;
}

function modelFacts({ name, sha256, training }: Answered['model']) {
  return { name, sha256, what: training?.what ?? null };
}
