import type { Evaluation, MethodResult } from '../probe/results.ts';
import type { SplitPlan } from '../probe/types.ts';
import { markdownTable } from './markdown.ts';
import { count, figure, probability } from './numbers.ts';

/** One question and what came of it. */
export interface AnsweredQuestion {
  readonly title: string;
  readonly about: readonly string[];
  readonly split: SplitPlan;
  readonly evaluation: Evaluation;
  /** Sentences on rows of the table that are not of this model. */
  readonly notes: readonly string[];
}

/** A model and its answers. */
export interface ExaminedModel {
  readonly name: string;
  /** Of model.safetensors. */
  readonly sha256: string;
  /** What it is, in the words of its card; null where the package has none. */
  readonly what: string | null;
  readonly answers: readonly AnsweredQuestion[];
}

/** Balanced accuracy of every method on every question, a column of fine-tuned models where there are any. */
export function summaryTable(answers: readonly AnsweredQuestion[]): string[] {
  const tuned = answers.some(({ evaluation }) => evaluation.methods.some(({ id }) => id === 'fine-tuned'));
  const columns: readonly (readonly [string, MethodResult['id']])[] = [
    ['probe', 'probe'],
    ['log-CP10k', 'expression'],
    ['commonest class', 'commonest-class'],
    ['… of its study or batch', 'commonest-of-study'],
    ['model’s head', 'head'],
    ...(tuned ? [['fine-tuned', 'fine-tuned'] as const] : []),
  ];
  const rows = answers.map(({ title, evaluation }) => {
    const nullOf = evaluation.methods.find(({ id }) => id === 'probe')?.permutation;
    return [
      title,
      count(evaluation.tested),
      evaluation.testedGroups > 0 ? count(evaluation.testedGroups) : '–',
      ...columns.map(([, id]) => balancedAccuracy(evaluation, id)),
      nullOf ? `${probability(nullOf.p)} (${probability(nullOf.smallestP)})` : '–',
    ];
  });
  const names = columns.map(([name]) => name);
  const head = ['balanced accuracy', 'cells', 'donors', ...names, 'p of the probe (smallest possible)'];
  return markdownTable(head, rows);
}

/**
 * The same questions put to several models: their probes and heads alone, since the baselines are the same. Methods'
 * cells are places among the cells of the question, which no model chooses.
 */
export function modelsTable(models: readonly ExaminedModel[]): string[] {
  const [first, ...others] = models;
  if (others.length === 0) return [];
  const rows = first.answers.map(({ title, evaluation }) => [
    title,
    ...models.flatMap(({ answers }) => {
      const own = answers.find((answer) => answer.title === title)?.evaluation;
      return (['probe', 'head'] as const).map((id) => besideProbe(own, id, evaluation));
    }),
  ]);
  const columns = models.flatMap(({ name }) => [`${name}: probe`, 'head']);
  return [
    ...others.map(
      ({ name, sha256, what }) =>
        `${name} (model.safetensors ${sha256.slice(0, 16)}) is ${what ?? 'a model without a card'}.`,
    ),
    `The same questions put to each, on the cells of the probe of ${first.name} unless a number of other cells is said:`,
    '',
    ...markdownTable(['balanced accuracy', ...columns], rows),
    '',
    `A null was made for ${first.name} alone, and no uncertainty is shown of the other models: a difference between two columns is no finding.`,
    '',
  ];
}

/** A method's figure, with the number of its cells where they are not those of the first model's probe. */
function besideProbe(own: Evaluation | undefined, id: 'probe' | 'head', first: Evaluation): string {
  const found = own?.methods.find((method) => method.id === id);
  if (found === undefined) return '–';
  const value = figure(found.metrics.balancedAccuracy);
  const cells = first.methods.find((method) => method.id === 'probe')?.cells;
  const same = found.cells.length === cells?.length && found.cells.every((cell, i) => cell === cells[i]);
  return same || value === '–' ? value : `${value} (${count(found.cells.length)} cells)`;
}

/** Of each row of that method: several fine-tuned models may have been taught one question. */
function balancedAccuracy({ methods }: Evaluation, id: MethodResult['id']): string {
  const found = methods.filter((method) => method.id === id);
  return found.map(({ metrics }) => figure(metrics.balancedAccuracy)).join(', ') || '–';
}
