import { facts, html, type Markup, section, table } from './markup.ts';
import { count } from './numbers.ts';
import type { ProbeReport } from './types.ts';
import { splitWords } from './words.ts';

/** What was asked, and of which cells. */
export function questionSection({ config }: ProbeReport): Markup {
  const { label, settings } = config;
  return section(
    'Question and settings',
    facts({
      label: label.column,
      'kept together (donors)': config.groupColumn ?? 'no column: nothing keeps cells of one donor together',
      'study or batch': config.studyColumn ?? 'none',
      'cell types': config.cellTypeColumn ?? 'none',
      'case column': config.caseColumn,
      'the model’s own head': label.annotation ?? 'none answers this question',
      split: splitWords(settings.split),
      'regularisation C': settings.c === 'chosen' ? 'chosen by inner folds over donors' : settings.c,
      'class weights': settings.classWeights,
      'baseline on expression': config.expressionBaseline ? 'yes' : 'no',
      permutations: settings.permutations,
      resamples: settings.resamples,
      seed: settings.seed,
    }),
    table(
      `What “${label.column}” records, as classes`,
      ['Recorded', 'class'],
      Object.entries(label.table).map(([recorded, name]) => [recorded, name ?? 'left out']),
    ),
  );
}

/** The file, its counts and its quality thresholds. */
export function dataSection({ data, quality, config }: ProbeReport): Markup {
  return section(
    'Data and quality',
    facts({
      file: data.file,
      bytes: config.file.bytes === null ? null : count(config.file.bytes),
      cells: `${count(data.embedded)} of ${count(data.cells)} embedded`,
      'cells chosen': JSON.stringify(config.cells).slice(0, 400),
      genes: `${count(data.genes)}, ${count(data.genesInVocabulary)} in the model’s vocabulary`,
      counts: `${data.matrix}: ${data.reason}`,
      quality,
    }),
  );
}

/** What the encoder is. */
export function modelSection({ model, config }: ProbeReport): Markup {
  return section(
    'Model',
    facts({
      model: model.name,
      'what it is': model.what ?? 'the package has no card',
      parameters: count(model.parameters),
      'trained on': model.trainingData,
      'classes that one training study alone holds': model.oneStudyClasses ?? 'none recorded',
      engine: model.engine,
      pooling: config.pooling.replaceAll('_', ' '),
      'SHA-256': model.sha256,
    }),
  );
}

/** How to get the same figures again. */
export function rerunSection({ config, version, date }: ProbeReport): Markup {
  return section(
    'To run it again',
    facts({ 'teddy-web': version, made: date, seed: config.settings.seed }),
    html`<p>Save this as <code>probe.json</code> beside the file and run <code>npx teddy-web probe --config probe.json</code>.</p><pre tabindex="0" aria-label="Configuration"><code>${JSON.stringify(config, null, 2)}</code></pre>`,
  );
}
