import { join, resolve } from 'node:path';
import { parse, texts, typedCommand, UsageError, whole, withoutFolders, words } from './arguments.ts';
import { QUESTIONS, TRANSFER } from './evaluation-questions.ts';
import { embeddedModelFolder } from './node-environment.ts';

export interface EvaluateRequest {
  /** Folder of the public data. */
  readonly data: string;
  /** Folders of models: the page is of the first, the others stand beside it in one table. */
  readonly models: readonly string[];
  /** Folders of packages that a fine-tuning made: each is a row of the questions it was taught. */
  readonly fineTuned: readonly string[];
  readonly out: string;
  readonly cache: string;
  /** At most so many cells a study, drawn equally from its donors; null = all. */
  readonly cells: number | null;
  /** Ids of the questions. */
  readonly only: readonly string[];
  /** As it would be typed again; of absolute paths the names alone. */
  readonly typed: string;
}

const IDS = [...QUESTIONS.map(({ id }) => id), TRANSFER.id];
/** Options that change what the page says. */
const TELLING = ['model', 'models', 'finetuned', 'cells', 'only'] as const;

/** The request of `evaluate`'s arguments. @throws UsageError */
export function evaluateRequest(args: readonly string[]): EvaluateRequest {
  const text = { type: 'string' } as const;
  const options = { data: text, model: text, models: text, finetuned: text, out: text, cache: text };
  const { values } = parse(args, { ...options, cells: text, only: text }, 0);
  const only = texts(values, 'only') ?? IDS;
  const unknown = only.find((id) => !IDS.includes(id));
  if (unknown !== undefined) throw new UsageError(`--only takes ${IDS.join(', ')}, not ${unknown}`);
  const model = words(values, 'model');
  const models = texts(values, 'models');
  if (model !== null && models !== null) throw new UsageError('--model and --models exclude each other');
  const told = TELLING.flatMap((name) => {
    const list = texts(values, name);
    return list === null ? [] : [`--${name}`, list.map(withoutFolders).join(',')];
  });
  return {
    data: resolve(words(values, 'data') ?? join(process.env.TEDDY_SHARED ?? join('..', 'shared'), 'data')),
    models: models ?? [model ?? embeddedModelFolder()],
    fineTuned: texts(values, 'finetuned') ?? [],
    out: words(values, 'out') ?? join('docs', 'evaluation.md'),
    cache: words(values, 'cache') ?? join('.cache', 'evaluate'),
    cells: whole(values, 'cells', 1),
    only,
    typed: typedCommand(['npm run evaluate'], told.length === 0 ? [] : ['--', ...told]),
  };
}
