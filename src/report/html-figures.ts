import type { Evaluation, MethodResult } from '../probe/results.ts';
import type { SplitPlan } from '../probe/types.ts';
import { verdict } from './evaluation-page.ts';
import { facts, html, list, Markup, section, table } from './markup.ts';
import { count, counted, figure } from './numbers.ts';
import { comparingPlots, methodPlots, type NamedPlot } from './plots/list.ts';
import { donorLines, methodRows } from './table.ts';
import { METRIC_NAMES, METRICS, nullWords, splitWords, testedWords } from './words.ts';

const PLOT_WIDTH = 480;

/** The table of methods, and what chance gives. */
export function tableSection(evaluation: Evaluation): Markup {
  const rows = methodRows(evaluation);
  const instead = evaluation.byGroupInstead;
  const honest = instead?.permutation
    ? [`With donors held out: ${nullWords(instead.permutation, instead.metrics)}.`]
    : [];
  return section(
    'Methods on the same cells',
    html`<p>${testedWords(evaluation)}.</p>`,
    table(
      'Figures over all tested cells; under them 95 % intervals over donors, where there are enough',
      ['Method', ...METRICS.map((metric) => METRIC_NAMES[metric]), 'cells', 'donors', 'how sure'],
      rows.map((row) => [
        row.name,
        ...row.figures.map(({ value, interval }) => withNote(value, interval)),
        withNote(row.answered, row.unanswered),
        withNote(row.donors, row.donorsRight),
        html`<span class="${row.noClaim ? 'sure warn' : 'sure'}">${row.claim}</span>`,
      ]),
    ),
    list([...verdict(evaluation), ...honest]),
  );
}

/** A figure with a small line under it. */
function withNote(figureText: string, note: string | null): string | Markup {
  return note === null ? figureText : html`${figureText} <small>${note}</small>`;
}

/** The drawings that compare methods. */
export function plotsSection(evaluation: Evaluation, document: Document): Markup {
  return section('Side by side', drawings(comparingPlots(evaluation), document));
}

/** Drawings and tables of each method; the probe's open, the others' folded. */
export function methodSections(evaluation: Evaluation, document: Document): readonly Markup[] {
  return evaluation.methods.map((method, i) => {
    const body = html`${drawings(methodPlots(evaluation.classes, method, method.threshold), document)}${[
      classTable(method),
      ...donorTable(evaluation, method),
      ...cellTypeTable(method),
    ]}`;
    return i === 0
      ? section(method.name, body)
      : html`<details><summary>${method.name}: plots, classes, donors</summary>${body}</details>`;
  });
}

/** Which cells and donors each opening of the test set held. */
export function foldsSection(evaluation: Evaluation, split: SplitPlan): Markup {
  return section(
    'Splits',
    facts({
      split: splitWords(split),
      'seen in training of the model':
        evaluation.seenGroups.join(', ') || 'none of the donors, as far as is known',
    }),
    table(
      counted(evaluation.folds.length, 'fold'),
      ['Fold', 'train cells', 'test cells', 'C', 'tested donors', 'training donors'],
      evaluation.folds.map((fold) => [
        fold.name,
        count(fold.trainCells),
        count(fold.testCells),
        fold.c,
        fold.testGroups.join(', ') || '–',
        fold.trainGroups.join(', ') || '–',
      ]),
    ),
  );
}

function classTable(method: MethodResult): Markup {
  return table(
    'By class',
    ['Class', 'cells', 'precision', 'recall', 'F1', 'AUROC', 'average precision'],
    method.byClass.map((c) => [
      c.name,
      count(c.n),
      ...[c.precision, c.recall, c.f1, c.auroc, c.averagePrecision].map(figure),
    ]),
  );
}

function donorTable(evaluation: Evaluation, method: MethodResult): readonly Markup[] {
  const lines = donorLines(evaluation, method);
  if (lines.length === 0) return [];
  return [
    table(
      'By donor; donors seen in training of the model are never tested',
      [
        'Donor',
        'recorded',
        'predicted',
        'share of cells right',
        'mean probability of the recorded class',
        'cells',
      ],
      lines.map((line) => [
        line.seen ? html`${line.name} <small>seen in training</small>` : line.name,
        line.recorded,
        line.predicted,
        line.accuracy,
        line.probability,
        line.cells,
      ]),
      (i) => (lines[i].seen ? 'seen' : ''),
    ),
  ];
}

function cellTypeTable(method: MethodResult): readonly Markup[] {
  if (method.byCellType.length === 0) return [];
  return [
    table(
      'By cell type',
      ['Cell type', 'cells', 'accuracy', 'balanced accuracy', 'macro F1', 'AUROC'],
      method.byCellType.map(({ name, n, metrics }) => [
        name,
        count(n),
        ...[metrics.accuracy, metrics.balancedAccuracy, metrics.f1Macro, metrics.auroc].map(figure),
      ]),
    ),
  ];
}

/** Each plot twice, for a light and a dark page: without a script only one of them is shown. */
function drawings(plots: readonly NamedPlot[], document: Document): Markup {
  const drawn = (plot: NamedPlot, dark: boolean) =>
    new Markup(plot.draw({ document, dark, width: PLOT_WIDTH }).outerHTML);
  return html`<div class="plots">${plots.map(
    (plot) =>
      html`<figure><h3>${plot.title}</h3><div class="on-light">${drawn(plot, false)}</div><div class="on-dark">${drawn(plot, true)}</div><figcaption>${plot.note}</figcaption></figure>`,
  )}</div>`;
}
