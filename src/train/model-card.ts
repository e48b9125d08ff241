import { DISCLAIMER } from '../model/disclaimer.ts';
import type { MethodResult } from '../probe/results.ts';
import type { TrainingTask } from './task.ts';
import { oneStudyClasses, whatItIs } from './training-json.ts';
import type { TrainingSummary } from './types.ts';

/** The README.md of a package: what it is, what it learned from, how it did beside its baselines. */
export function modelCard(
  task: TrainingTask,
  base: { readonly name: string },
  summary: TrainingSummary,
  /** Annotation → what its test says, as sentences. */
  verdicts: Readonly<Record<string, readonly string[]>>,
  /** How to make it again, as it would be typed; null = it was made in the page. */
  command: string | null,
): string {
  const { config, model, sets, cells } = task;
  const { modelType, nLayers, dModel, nHeads, maxPositionEmbeddings } = model.config;
  const type = modelType === 'teddy_g' ? 'TEDDY-G' : 'TEDDY-X';
  const lines = [
    `# ${config.name}`,
    '',
    `${capital(whatItIs(task, base.name))}. ${capital(DISCLAIMER)}.`,
    '',
    '| | |',
    '|---|---|',
    `| architecture | ${type}: ${nLayers} layers, width ${dModel}, ${nHeads} heads, first ${maxPositionEmbeddings} genes of a cell |`,
    `| weights | ${config.weights === 'f16' ? 'float16' : 'float32'} |`,
    `| training | ${summary.steps} steps, ${summary.cellsSeen} cells seen; ${summary.reason} |`,
    `| training cells | ${sets.train.length}${shareWords(config)} |`,
    `| made on | ${summary.engine.device} |`,
    '',
    '## Data',
    '',
    '| study | donors trained on | validation | test | licence | citation |',
    '|---|---|---|---|---|---|',
    ...cells.sources.map(({ study, licence, citation }) => {
      const list = (set: string) =>
        summary.donors.flatMap((place) => (place.study === study && place.set === set ? [place.donor] : []));
      const names = (set: string) => list(set).join(', ') || '–';
      return row(
        study,
        names('train'),
        names('validation'),
        names('test'),
        licence || 'not stated',
        citation || '–',
      );
    }),
    '',
    '`training.json` has the SHA-256 of each file, the whole configuration with the names of its donors and the classes of every study; `training_reference.safetensors` means of embeddings and frequencies of genes, by cell types of ten training cells or more. No cell is in the package.',
    '',
    ...accuracy(summary, verdicts),
    ...maskedLoss(summary),
    ...notes(task, summary),
    ...(command === null ? [] : ['## Made with', '', '```sh', command, '```', '']),
  ];
  return lines.join('\n');
}

function shareWords({ trainingShare, seed }: TrainingTask['config']): string {
  return trainingShare === undefined || trainingShare === 1
    ? ''
    : ` (${100 * trainingShare} % of every training donor’s, drawn by seed ${seed})`;
}

function accuracy(
  { test }: TrainingSummary,
  verdicts: Readonly<Record<string, readonly string[]>>,
): string[] {
  if (test === null) return ['No donors were held out: how it does on other people is not known.', ''];
  const methods = Object.entries(test.methods);
  if (methods.length === 0) return [];
  return [
    '## Accuracy on donors held out of training and of every choice',
    '',
    `${test.donors} ${test.donors === 1 ? 'donor' : 'donors'}, ${test.cells} cells, opened once.`,
    '',
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

function notes(task: TrainingTask, { notices, test }: TrainingSummary): string[] {
  const { model } = task;
  const untouched =
    model.untouchedHeads.length === 0
      ? []
      : [
          `The heads ${model.untouchedHeads.join(', ')} were not trained further and not measured again; the encoder below them may have changed.`,
        ];
  const alone = Object.entries(task.cells.sources.length > 1 ? oneStudyClasses(task) : {}).map(
    ([annotation, classes]) =>
      `Of ${annotation}, ${classes.join(', ')} ${classes.length === 1 ? 'was' : 'were'} seen in one study only: to name it may be to recognise the study.`,
  );
  const ordered =
    model.config.valueInput === 'none' || !test || test.masked.length === 0
      ? []
      : [
          'Tokens stand in the order of expression, so that a hidden value lies between those beside it: its loss is easy to make small.',
        ];
  const all = [...notices, ...untouched, ...alone, ...ordered];
  return all.length === 0 ? [] : ['## Notes', '', ...all.map((notice) => `- ${notice}`), ''];
}

/** Names come from files: nothing of them may break out of its cell. */
function row(...texts: readonly string[]): string {
  return `| ${texts.map((text) => text.replace(/[\r\n]+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
}

function figure(value: number | null): string {
  return value !== null && Number.isFinite(value) ? value.toFixed(3) : '–';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
