import { DISCLAIMER } from '../model/disclaimer.ts';
import { testSections } from './card-sections.ts';
import { capital, row } from './card-text.ts';
import type { TrainingTask } from './task.ts';
import { oneStudyClasses, whatItIs } from './training-json.ts';
import { sharePercent } from './training-share.ts';
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
    '`training.json` has the SHA-256 of each file, the whole configuration with the names of its donors and the classes of every study; `training_reference.safetensors` means of embeddings and frequencies of genes, by cell types of ten training cells or more. No cell is in them.',
    '',
    ...testSections(task, base.name, summary, verdicts),
    ...notes(task, summary),
    ...(command === null ? [] : ['## Made with', '', '```sh', command, '```', '']),
  ];
  return lines.join('\n');
}

function shareWords({ trainingShare, seed }: TrainingTask['config']): string {
  return trainingShare === undefined || trainingShare === 1
    ? ''
    : ` (${sharePercent(trainingShare)} of every training donor’s, drawn by seed ${seed})`;
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
      `Of ${annotation}, ${classes.join(', ')} ${classes.length === 1 ? 'was' : 'were each'} seen in one study only: to name it may be to recognise the study.`,
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
