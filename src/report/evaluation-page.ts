import type { Evaluation, MethodResult, MetricName } from '../probe/results.ts';
import {
  type AnsweredQuestion,
  type ExaminedModel,
  modelsTable,
  summaryTable,
} from './evaluation-summary.ts';
import { markdownTable } from './markdown.ts';
import { count, figure } from './numbers.ts';
import { methodRows } from './table.ts';
import { METRIC_NAMES, nullWords, splitWords, testedWords, uncertaintyWords } from './words.ts';

export interface EvaluationFacts {
  readonly version: string;
  readonly date: Date;
  readonly command: string;
  readonly model: Omit<ExaminedModel, 'answers'>;
  /** Other models that were asked the same. */
  readonly others: readonly ExaminedModel[];
  readonly engine: string;
  readonly pooling: string;
  /** `null` = all cells; otherwise the page says that it is of a part. */
  readonly cells: number | null;
  readonly seed: number;
}

/** Metrics of the page's tables; the report of a run has the others too. */
const SHOWN: readonly MetricName[] = [
  'accuracy',
  'balancedAccuracy',
  'f1Macro',
  'auroc',
  'averagePrecision',
  'mcc',
];
/** Figures this close are called equal. */
const EQUAL = 0.01;
const SIGNIFICANT = 0.05;

/** docs/evaluation.md, whole: how a model does on public studies, each figure beside its baselines. */
export function evaluationPage(answers: readonly AnsweredQuestion[], facts: EvaluationFacts): string {
  const { model, date } = facts;
  const part =
    facts.cells === null
      ? []
      : [`**This page is of at most ${count(facts.cells)} cells a study: a trial, not the evaluation.**`, ''];
  return [
    `# Evaluation of ${model.name}`,
    '',
    `Written by \`${facts.command}\` on ${date.toISOString().slice(0, 10)} with teddy-web ${facts.version} (${facts.engine}, ${facts.pooling} embeddings, seed ${facts.seed}); model.safetensors ${model.sha256.slice(0, 16)}. Do not edit: run it again.`,
    '',
    ...part,
    `${model.name} is ${model.what ?? 'a model without a card'}. A linear probe is trained on its frozen embeddings with donors held out; donors whose labels the model has seen in training train the probe and are never tested. Every method answers the same cells. Uncertainty is by donor: cells of one donor are not independent. The null is the same procedure on permuted labels; its mean, not 0.5, is chance.`,
    '',
    ...summaryTable(answers),
    '',
    ...modelsTable([{ ...model, answers }, ...facts.others]),
    ...answers.flatMap(section),
  ].join('\n');
}

function section({ title, about, split, evaluation, notes }: AnsweredQuestion): string[] {
  return [
    `## ${title}`,
    '',
    ...about,
    '',
    `${testedWords(evaluation)}; ${splitWords(split)}.`,
    '',
    ...markdownTable(
      ['', 'cells', ...SHOWN.map((metric) => METRIC_NAMES[metric])],
      methodRows(evaluation).map((row) => [
        row.name,
        row.cells,
        ...SHOWN.map((metric) => {
          const found = row.figures.find((one) => one.metric === metric);
          return found?.interval ? `${found.value} (${found.interval})` : (found?.value ?? '–');
        }),
      ]),
    ),
    '',
    ...[...notes, ...verdict(evaluation)].map((sentence) => `- ${sentence}`),
    ...evaluation.notices.map((notice) => `- ${notice}`),
    '',
  ];
}

/**
 * What the figures say and no more, as sentences: against chance, against the baselines, how sure.
 * The metric compared is AUROC for two classes and balanced accuracy for more; a fine-tuned model and the regression on
 * expression are compared by what they answer.
 */
export function verdict(evaluation: Evaluation): string[] {
  const find = (id: MethodResult['id']) => evaluation.methods.find((method) => method.id === id);
  const probe = find('probe');
  if (!probe) return ['No probe was evaluated.'];
  const metric: MetricName = evaluation.classes.length === 2 ? 'auroc' : 'balancedAccuracy';
  const compared = (other: MethodResult | undefined, better: string, worse: string, equal: string) =>
    other && Number.isFinite(other.metrics[metric]) && Number.isFinite(probe.metrics[metric])
      ? [comparison(probe, other, metric, { better, worse, equal })]
      : [];
  return [
    againstChance(probe),
    ...compared(
      find('expression'),
      'The probe does better than the linear baseline on expression',
      'The linear baseline on expression wins',
      'The linear baseline on expression does as well',
    ),
    ...againstGuess(probe, [find('commonest-class'), find('commonest-of-study')]),
    ...compared(
      find('head'),
      'The probe does better than the model’s own head',
      'The model’s own head does better than the probe',
      'The model’s own head does as well',
    ),
    ...evaluation.methods.flatMap((method) =>
      method.id === 'fine-tuned'
        ? [
            ...(method.permutation ? [againstChance(method, `The ${method.name}`)] : []),
            ...compared(
              method,
              `The probe does better than the ${method.name}`,
              `The ${method.name} does better than the probe`,
              `The ${method.name} does as well`,
            ),
            ...againstExpression(method, find('expression')),
          ]
        : [],
    ),
    `How sure: ${uncertaintyWords(probe.uncertainty)}.`,
  ];
}

/** Whether a method does better than labels that say nothing, and by what right that is said. @param who begins the sentence */
export function againstChance(
  { permutation, metrics }: Pick<MethodResult, 'permutation' | 'metrics'>,
  who = 'The probe',
): string {
  if (!permutation)
    return 'No null was made, since labels cannot change places among these donors: nothing is said about chance.';
  const { p, smallestP } = permutation;
  const figures = nullWords(permutation, metrics);
  const whose = `${who.charAt(0).toLowerCase()}${who.slice(1)}`;
  if (!Number.isFinite(p)) return `The null of ${whose} is not defined: ${figures}.`;
  if (smallestP > SIGNIFICANT)
    return `These donors cannot show a difference from chance, whatever the figure of ${whose}: ${figures}.`;
  return p <= SIGNIFICANT
    ? `${who} tells the classes apart better than chance: ${figures}.`
    : `${who} is not distinguishable from labels that say nothing: ${figures}.`;
}

/** Whether the probe's own figure is more than chance and has donors enough behind it for a claim. */
export function isFinding({ permutation, uncertainty }: MethodResult): boolean {
  const sure = uncertainty.kind === 'bootstrap' || uncertainty.kind === 'donors-right';
  return sure && permutation !== null && permutation.p <= SIGNIFICANT;
}

/** In balanced accuracy: a fine-tuned model that orders cells as well may still draw its line in the wrong place. */
function againstExpression(tuned: MethodResult, expression: MethodResult | undefined): string[] {
  if (!expression) return [];
  const own = tuned.metrics.balancedAccuracy;
  const other = expression.metrics.balancedAccuracy;
  if (!Number.isFinite(own) || !Number.isFinite(other)) return [];
  const said = wordFor(own - other, {
    better: `The ${tuned.name} does better than the linear baseline on expression`,
    worse: `The linear baseline on expression does better than the ${tuned.name}`,
    equal: `The ${tuned.name} does as well as the linear baseline on expression`,
  });
  const left = tuned.withheld > 0 ? ` (${count(tuned.withheld)} cells without an answer)` : '';
  return [
    `${said}: ${METRIC_NAMES.balancedAccuracy} ${figure(own)} of the model${left}, ${figure(other)} of the baseline.${caveat(tuned)}`,
  ];
}

function caveat(method: MethodResult): string {
  return isFinding(method) ? '' : ' That describes these cells; it is no finding about new donors.';
}

interface ComparisonWords {
  readonly better: string;
  readonly worse: string;
  readonly equal: string;
}

function wordFor(difference: number, { better, worse, equal }: ComparisonWords): string {
  return difference > EQUAL ? better : difference < -EQUAL ? worse : equal;
}

function comparison(
  probe: MethodResult,
  other: MethodResult,
  metric: MetricName,
  words: ComparisonWords,
): string {
  const said = wordFor(probe.metrics[metric] - other.metrics[metric], words);
  const left = other.withheld > 0 ? ` (which leaves ${count(other.withheld)} cells without an answer)` : '';
  return `${said}${left}: ${METRIC_NAMES[metric]} ${figure(probe.metrics[metric])} of the probe, ${figure(other.metrics[metric])} of the other.${caveat(probe)}`;
}

function againstGuess(probe: MethodResult, guesses: readonly (MethodResult | undefined)[]): string[] {
  const [best] = guesses
    .flatMap((guess) => (guess ? [{ name: guess.name, accuracy: guess.metrics.accuracy }] : []))
    .concat({ name: 'one class for every tested cell', accuracy: commonestShare(probe) })
    .sort((a, b) => b.accuracy - a.accuracy);
  if (!Number.isFinite(best.accuracy)) return [];
  const said = `accuracy ${figure(probe.metrics.accuracy)}, against ${figure(best.accuracy)} of ${best.name}`;
  return probe.metrics.accuracy > best.accuracy
    ? [`The probe is right more often than the best guess without any gene: ${said}.`]
    : [`The probe is right no more often than a guess without any gene: ${said}.`];
}

/**
 * Share of the tested cells in their commonest class. With donors left out one at a time the commonest class
 * of training is often the other one, so that it alone would be too easy a guess to beat.
 */
function commonestShare({ confusion, byClass: { length: k } }: MethodResult): number {
  const recorded = Array.from({ length: k }, (_, c) =>
    confusion.subarray(c * k, (c + 1) * k).reduce((sum, n) => sum + n, 0),
  );
  return Math.max(...recorded) / recorded.reduce((sum, n) => sum + n, 0);
}
