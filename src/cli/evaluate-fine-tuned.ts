import { basename, join } from 'node:path';
import type { EngineKind } from '../engine/engine.ts';
import { ModelError } from '../model/errors.ts';
import { sha256 } from '../model/sha256.ts';
import type { ProbeConfig } from '../probe/config.ts';
import { fineTunedResult } from '../probe/fine-tuned-result.ts';
import type { MethodResult } from '../probe/results.ts';
import { planFolds } from '../probe/splits.ts';
import type { Fold, ProbeData } from '../probe/types.ts';
import { fineTunedName, fineTunedNote, fineTunedRefusal } from '../report/fine-tuned-words.ts';
import { fineTunedStanding } from '../run/fine-tuned-standing.ts';
import { type AssembledProbe, headProbabilities } from '../run/probe-data.ts';
import { type FineTunedRecord, parseFineTunedRecord } from '../train/fine-tuned-record.ts';
import { UsageError } from './arguments.ts';
import { readConfigJson } from './config-file.ts';
import { embedCached } from './embedding-cache.ts';
import { fileBytes } from './node-environment.ts';
import { sayCells, withSession } from './session.ts';

const MAX_RECORD_BYTES = 64 * 2 ** 20;

/** A model folder that a fine-tuning made, and what its record says. */
export interface FineTunedPackage {
  readonly folder: string;
  readonly record: FineTunedRecord;
}

/** A question after the probe's answers to it. */
interface AskedQuestion {
  readonly file: string;
  readonly config: ProbeConfig;
  readonly assembled: AssembledProbe;
  /** Rows of the file that the data are of. */
  readonly rows: Uint32Array<ArrayBuffer>;
}

interface FineTunedRows {
  readonly rows: readonly MethodResult[];
  /** What has to be known of them, and why others have none. */
  readonly notes: readonly string[];
}

/** @throws UsageError where a fine-tuning did not make it, ModelError, TrainError */
export function openFineTuned(folder: string): FineTunedPackage {
  const fault = (message: string, cause?: unknown) =>
    new ModelError('training-invalid', message, 'training.json', { cause });
  const record = parseFineTunedRecord(readConfigJson(join(folder, 'training.json'), MAX_RECORD_BYTES, fault));
  if (record === null) throw new UsageError(`--finetuned ${folder}: it was not made by teddy-web finetune`);
  return { folder, record };
}

/** The rows of the fine-tuned models that were taught what is asked, on the very cells that are tested. */
export async function fineTunedRows(
  packages: readonly FineTunedPackage[],
  question: AskedQuestion,
  how: { readonly engine: EngineKind; readonly cache: string },
  signal: AbortSignal,
): Promise<FineTunedRows> {
  if (packages.length === 0) return { rows: [], notes: [] };
  const { config, file, assembled } = question;
  const { data, cases } = assembled;
  const folds = planFolds(data, { ...config.settings, cases });
  const about = {
    column: config.label.column,
    file: basename(file),
    sha256: await sha256(await fileBytes(file), { signal }),
    tested: testedDonors(data, folds),
  };
  const rows: MethodResult[] = [];
  const notes: string[] = [];
  for (const { folder, record } of packages) {
    const { name, base, genesPerCell, trainedHere } = record;
    const standing = fineTunedStanding(record, about);
    if (standing.kind === 'refused') notes.push(fineTunedRefusal(standing.refusal));
    if (standing.kind !== 'answers') continue;
    const answers = await answersOf(folder, record, question, folds, how, signal);
    if (answers === null) {
      notes.push(fineTunedRefusal({ kind: 'other-classes', name }));
      continue;
    }
    rows.push(await fineTunedResult(fineTunedName(name), answers, folds, data, config.settings, signal));
    notes.push(fineTunedNote({ name, base, genesPerCell, ...trainedHere }));
  }
  return { rows, notes };
}

/** [n, k] probabilities of the model's head for the tested cells; NaN for all others and what it withholds. */
async function answersOf(
  model: string,
  { annotation }: FineTunedRecord,
  { file, config, assembled: { data }, rows }: AskedQuestion,
  folds: readonly Fold[],
  { engine, cache }: { readonly engine: EngineKind; readonly cache: string },
  signal: AbortSignal,
): Promise<Float32Array | null> {
  const tested = Uint32Array.from(folds.flatMap(({ test }) => Array.from(test))).sort();
  return withSession({ files: [file], model, engine, matrix: config.matrix }, signal, async (session) => {
    sayCells(session, tested.length);
    const cells = tested.map((cell) => rows[cell]);
    const { predictions, withheld } = await embedCached(session, file, cells, config, cache);
    const head = Object.hasOwn(predictions, annotation) ? predictions[annotation] : null;
    const own = head && headProbabilities(head, data.classes, withheld);
    if (own === null) return null;
    const k = data.classes.length;
    const answers = new Float32Array(data.labels.length * k).fill(Number.NaN);
    tested.forEach((cell, r) => {
      answers.set(own.subarray(r * k, (r + 1) * k), cell * k);
    });
    return answers;
  });
}

function testedDonors({ groups }: Pick<ProbeData, 'groups'>, folds: readonly Fold[]): string[] {
  const codes = new Set(folds.flatMap(({ test }) => Array.from(test, (cell) => groups?.codes[cell] ?? -1)));
  return [...codes].filter((code) => code >= 0).map((code) => groups?.names[code] ?? '');
}
