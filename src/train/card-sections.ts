import type { MethodResult } from '../probe/results.ts';
import { figure, row } from './card-text.ts';
import type { TrainingTask } from './task.ts';
import { heldOutScores } from './training-scores.ts';
import type { TrainingSummary } from './types.ts';

/**
 * Sections of a card on what the test gave: every way of answering, what that says, study by study beside the best
 * guesses without any gene, and hidden tokens.
 * @param verdicts annotation → what its test says, as sentences
 */
export function testSections(
  task: TrainingTask,
  base: string,
  summary: TrainingSummary,
  verdicts: Readonly<Record<string, readonly string[]>>,
): string[] {
  return [...accuracy(task, base, summary, verdicts), ...byStudy(task, summary), ...maskedLoss(summary)];
}

function accuracy(
  task: TrainingTask,
  base: string,
  summary: TrainingSummary,
  verdicts: Readonly<Record<string, readonly string[]>>,
): string[] {
  const { test } = summary;
  if (test === null) return ['No donors were held out: how it does on other people is not known.', ''];
  const methods = Object.entries(test.methods);
  if (methods.length === 0) return [];
  return [
    '## Accuracy on donors held out of training and of every choice',
    '',
    `${test.donors} ${test.donors === 1 ? 'donor' : 'donors'}, ${test.cells} cells, opened once by this run. The linear probe learns from frozen embeddings of ${task.config.base.kind === 'package' ? base : 'this model itself'}.`,
    '',
    ...derivedLabels(task),
    '| annotation | answered by | cells | accuracy | balanced accuracy | 95 % interval over donors |',
    '|---|---|---|---|---|---|',
    ...methods.flatMap(([annotation, rows]) => rows.map((method) => methodRow(annotation, method))),
    '',
    ...Object.entries(verdicts).flatMap(([annotation, sentences]) => [
      `What the test of ${annotation} says:`,
      '',
      ...sentences.map((sentence) => `- ${sentence}`),
      '',
    ]),
  ];
}

/** Labels that were made from the cells themselves. */
function derivedLabels({ config }: TrainingTask): string[] {
  const derived = config.data.flatMap(({ study, labels }) =>
    Object.entries(labels).flatMap(([annotation, { derived: made }]) =>
      made === true ? [`${annotation} of ${study}`] : [],
    ),
  );
  if (derived.length === 0) return [];
  return [
    `Not recorded but derived from the cells: ${derived.join(', ')}. Being right there is agreement with a method, not accuracy.`,
    '',
  ];
}

function byStudy(task: TrainingTask, summary: TrainingSummary): string[] {
  if (task.cells.sources.length < 2 || !summary.test) return [];
  const scores = Object.entries(heldOutScores(task, summary)).flatMap(([annotation, studies]) =>
    Object.entries(studies).map(([study, score]) =>
      row(
        annotation,
        study,
        String(score.n),
        figure(score.accuracy),
        figure(score.commonest_class),
        figure(score.commonest_class_of_its_study),
        figure(score.one_class_for_every_cell),
      ),
    ),
  );
  if (scores.length === 0) return [];
  return [
    '### Study by study',
    '',
    'Accuracy beside three guesses that look at no gene: the commonest class of training, that of the study in training, and the one class that is right most often among the tested cells themselves.',
    '',
    '| annotation | study | cells | trained model | commonest class | … of its study | one class for every cell |',
    '|---|---|---|---|---|---|---|',
    ...scores,
    '',
  ];
}

function methodRow(annotation: string, { name, cells, metrics, uncertainty }: MethodResult): string {
  const interval =
    uncertainty.kind === 'bootstrap'
      ? uncertainty.intervals.accuracy.map(figure).join(' to ')
      : uncertainty.kind === 'donors-right'
        ? `${uncertainty.donorsRight.right} of ${uncertainty.donorsRight.n} donors right`
        : 'too few donors to say';
  return row(
    annotation,
    name,
    String(cells.length),
    figure(metrics.accuracy),
    figure(metrics.balancedAccuracy),
    interval,
  );
}

function maskedLoss({ test }: TrainingSummary): string[] {
  if (!test || test.masked.length === 0) return [];
  return [
    '## Hidden tokens of test donors',
    '',
    '| study | hidden tokens | loss | loss of the base model | loss of the study’s frequencies | right |',
    '|---|---|---|---|---|---|',
    ...test.masked.map(({ study, tokens, loss, base, frequencies, accuracy: right }) =>
      row(study, String(tokens), figure(loss), figure(base), figure(frequencies), figure(right)),
    ),
    '',
  ];
}
