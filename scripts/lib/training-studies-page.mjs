import { markdownTable } from '../../src/report/markdown.ts';
import { count } from '../../src/report/numbers.ts';
import { sharePercent } from '../../src/train/training-share.ts';
import { binomial, figure, mean, spread } from './figures.mjs';

/**
 * What came of one training of the studies.
 * @typedef {object} StudyModel
 * @property {'trained' | 'untrained'} kind 'untrained' = the same shape after one step that changes nothing
 * @property {number} lambda weight of every annotation
 * @property {number} share of every training donor's cells
 * @property {number} seed
 * @property {number} cells that trained
 * @property {number} steps
 * @property {number} seconds of training, without reading, test and probes
 * @property {{ readonly loss: number, readonly frequencies: number, readonly tokens: number }} hidden of held-out
 *   donors, nats a token
 * @property {Readonly<Record<string, StudyProbe>>} probes by the id of a question
 *
 * @typedef {{ readonly balancedAccuracy: number, readonly cells: number, readonly donors: number, readonly classes: number }} StudyProbe
 *
 * @typedef {{ readonly id: string, readonly title: string, readonly labels: string, readonly derived: boolean }} StudyQuestion
 *   `labels` = where they come from; `derived` = from the cells themselves, so that one agrees with them or not
 *
 * @typedef {object} StudyFacts
 * @property {string} date
 * @property {string} command
 * @property {string} version
 * @property {string} shape of the model, in words
 * @property {number} cellsPerStep
 * @property {string} device
 * @property {boolean} trial few steps or cells
 * @property {readonly StudyQuestion[]} questions
 *
 * @typedef {{ readonly name: string, readonly better: 'higher' | 'lower', readonly of: (model: StudyModel) => number }} Measure
 * @typedef {{ readonly name: string, readonly models: readonly StudyModel[] }} Group
 */

/**
 * docs/training-studies.md, whole: two tables over seeds, and sentences that say no more than their figures.
 * @param {readonly StudyModel[]} models
 * @param {StudyFacts} facts
 * @returns {string}
 */
export function studiesPage(models, facts) {
  const trained = models.filter(({ kind }) => kind === 'trained');
  const measures = measuresOf(facts.questions);
  const whole = trained.filter(({ share }) => share === 1);
  const byLambda = [0, 1].map((lambda) => ({
    name: `λ = ${lambda}`,
    models: whole.filter((model) => model.lambda === lambda),
  }));
  const control = { name: 'untrained', models: models.filter(({ kind }) => kind === 'untrained') };
  const shares = [...new Set(trained.map(({ share }) => share))].sort((a, b) => a - b);
  const byShare = shares.map((share) => ({
    name: sharePercent(share),
    models: trained.filter((model) => model.lambda === 1 && model.share === share),
  }));
  return [
    '# Two studies of training',
    '',
    `Written by \`${facts.command}\` on ${facts.date} with teddy-web ${facts.version}. Do not edit: run it again.`,
    '',
    ...(facts.trial ? ['**This page is of a trial with few steps or cells: it says nothing.**', ''] : []),
    ...about(trained, facts),
    '',
    '## Supervised or not',
    '',
    'λ is the weight of each annotation (disease, tissue, cell type, sex) beside hidden tokens; with λ = 0 the model has no heads and reads no label. All cells of training donors.',
    '',
    ...summaryTable('', [...byLambda, control], measures),
    '',
    ...measures.map((measure) => `- ${compared(measure, byLambda[0], byLambda[1])}`),
    ...byLambda.map((group) => `- ${besideFrequencies(group)}`),
    ...measures
      .slice(1)
      .flatMap((measure) => byLambda.map((group) => `- ${compared(measure, control, group)}`)),
    '',
    '## Size of the training set',
    '',
    'λ = 1. A share of every training donor’s cells, drawn by the seed, the smaller among the larger: the donors are the same. So are the steps.',
    '',
    ...summaryTable('cells of training donors', byShare, measures),
    '',
    ...measures.map((measure) => `- ${compared(measure, byShare[0], byShare[byShare.length - 1])}`),
    `- ${passes(byShare, facts.cellsPerStep)}`,
    '',
    '## What cannot be concluded',
    '',
    ...limits(whole, facts.questions).map((sentence) => `- ${sentence}`),
    '',
    '## Every model',
    '',
    ...everyModel(models, measures),
    '',
  ].join('\n');
}

/** @param {readonly StudyQuestion[]} questions @returns {readonly Measure[]} */
function measuresOf(questions) {
  return [
    { name: 'Loss of hidden tokens', better: 'lower', of: ({ hidden }) => hidden.loss },
    ...questions.map(
      ({ id, title }) =>
        /** @type {Measure} */ ({
          name: title,
          better: 'higher',
          of: ({ probes }) => probes[id].balancedAccuracy,
        }),
    ),
  ];
}

/** @param {readonly StudyModel[]} trained @param {StudyFacts} facts */
function about(trained, { shape, cellsPerStep, device, questions }) {
  const [{ hidden, probes }] = trained;
  const seconds = trained.map((model) => model.seconds);
  const steps = [...new Set(trained.map((model) => model.steps))].join(', ');
  const cells = trained.map((model) => model.cells);
  return [
    `${shape}; from random weights, ${steps} steps of ${cellsPerStep} cells, ${count(Math.min(...cells))} to ${count(Math.max(...cells))} training cells; ${trained.length} trainings of ${Math.round(Math.min(...seconds))} to ${Math.round(Math.max(...seconds))} s (${device}), ${Math.round(seconds.reduce((sum, value) => sum + value, 0) / 60)} minutes together, reading, test and probes not counted.`,
    '',
    `Figures are of donors no model learned from. Hidden tokens: ${count(hidden.tokens)}, in nats. The other columns are balanced accuracy of a logistic regression (C = 1) on the frozen gene-mean embedding, each held-out donor in turn; donors the model was trained on only train the regression.`,
    '',
    ...questions.map(
      ({ id, title, labels }) =>
        `- ${title}: ${count(probes[id].cells)} cells of ${probes[id].donors} donors, ${probes[id].classes} classes (chance ${figure(1 / probes[id].classes)}); ${labels}.`,
    ),
  ];
}

/** @param {string} corner @param {readonly Group[]} groups @param {readonly Measure[]} measures */
function summaryTable(corner, groups, measures) {
  return markdownTable(
    [
      corner,
      'seeds',
      'training cells',
      ...measures.flatMap(({ name }, m) => (m === 0 ? [name, '… by frequencies'] : [name])),
    ],
    groups.map(({ name, models }) => [
      name,
      String(models.length),
      models[0].kind === 'untrained'
        ? '–'
        : spread(
            models.map(({ cells }) => cells),
            count,
          ),
      ...measures.flatMap(({ of }, m) =>
        m === 0
          ? [spread(models.map(of)), spread(models.map(({ hidden }) => hidden.frequencies))]
          : [spread(models.map(of))],
      ),
    ]),
  );
}

/**
 * Whether two groups of seeds are apart, by their ranges alone.
 * @param {Measure} measure @param {Group} from @param {Group} to
 */
function compared({ name, better, of }, from, to) {
  const [a, b] = [from, to].map(({ models }) => models.map(of));
  const difference = mean(b) - mean(a);
  const said = `${name}: ${figure(mean(a))} of ${from.name}, ${figure(mean(b))} of ${to.name}`;
  const apart = Math.min(...b) > Math.max(...a) || Math.max(...b) < Math.min(...a);
  if (!apart) return `${said}: the seeds overlap, so the two are not told apart.`;
  const good = difference > 0 === (better === 'higher');
  return `${said}: every seed of ${to.name} is ${good ? 'better' : 'worse'} than every seed of ${from.name}.`;
}

/** Whether hidden tokens are known better than by how often each occurs in the study. @param {Group} group */
function besideFrequencies({ name, models }) {
  const better = models.filter(({ hidden }) => hidden.loss < hidden.frequencies).length;
  const [own, guess] = [
    models.map(({ hidden }) => hidden.loss),
    models.map(({ hidden }) => hidden.frequencies),
  ].map(mean);
  return `Hidden tokens of ${name}, beside guessing by the frequencies of the study: ${figure(own)} against ${figure(guess)}, better in ${better} of ${models.length} seeds.`;
}

/** @param {readonly Group[]} groups @param {number} cellsPerStep */
function passes(groups, cellsPerStep) {
  const each = groups.map(({ name, models }) => {
    const [{ steps, cells }] = models;
    return { name, times: (steps * cellsPerStep) / cells };
  });
  const words = each.map(({ name, times }) => `${figure(times)} at ${name}`).join(', ');
  const least = Math.min(...each.map(({ times }) => times));
  const not =
    least < 1
      ? ' Where it is below 1, not every cell was seen: the curve is of repetition more than of data.'
      : '';
  return `Passes over the training cells: ${words}.${not}`;
}

/** @param {readonly StudyModel[]} whole @param {readonly StudyQuestion[]} questions */
function limits(whole, questions) {
  const seeds = whole.filter(({ lambda }) => lambda === 1).length;
  const arrangements = binomial(2 * seeds, seeds);
  const donors = questions.map(({ id, title }) => `${whole[0].probes[id].donors} (${title})`).join(', ');
  return [
    `Of ${seeds} seeds against ${seeds} the smallest p of a two-sided permutation test is ${figure(2 / arrangements)}: ${2 / arrangements > 0.05 ? 'even seeds that are wholly apart are no significant difference' : 'seeds wholly apart are a difference of these trainings'}.`,
    `± is the standard deviation over seeds. Seeds vary the weights and the order of the cells, never the donors: ${donors} tell how these people’s cells are answered, not how other people’s would be.`,
    'The model is far smaller and trained far shorter than a published one; nothing here says what λ or more cells do there.',
    ...questions
      .filter(({ derived }) => derived)
      .map(
        ({ title }) =>
          `The labels of ${title} are derived, not recorded: the figure is agreement with them, not accuracy.`,
      ),
  ];
}

/** @param {readonly StudyModel[]} models @param {readonly Measure[]} measures */
function everyModel(models, measures) {
  return markdownTable(
    [
      'λ',
      'share',
      'seed',
      'cells',
      'steps',
      'seconds',
      'by frequencies',
      ...measures.map(({ name }) => name),
    ],
    models.map((model) => [
      model.kind === 'untrained' ? 'untrained' : String(model.lambda),
      model.kind === 'untrained' ? '–' : sharePercent(model.share),
      String(model.seed),
      model.kind === 'untrained' ? '–' : count(model.cells),
      model.kind === 'untrained' ? '–' : String(model.steps),
      model.kind === 'untrained' ? '–' : String(Math.round(model.seconds)),
      figure(model.hidden.frequencies),
      ...measures.map(({ of }) => figure(of(model))),
    ]),
  );
}
