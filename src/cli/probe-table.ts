import type { Evaluation, MetricName } from '../probe/results.ts';
import type { SplitPlan } from '../probe/types.ts';
import { methodRows } from '../report/table.ts';
import { METRIC_NAMES, METRICS, nullWords, splitWarning, splitWords, testedWords } from '../report/words.ts';

/** The table of an evaluation with all that has to be read beside it, as plain text. */
export function evaluationText(evaluation: Evaluation, split: SplitPlan): string {
  const rows = methodRows(evaluation);
  const cells = [
    ['', 'cells', ...METRICS.map((metric: MetricName) => METRIC_NAMES[metric])],
    ...rows.map((row) => [row.name, row.cells, ...row.figures.map(({ value }) => value)]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const table = cells.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  const probe = evaluation.methods.find(({ id }) => id === 'probe');
  const warning = splitWarning(evaluation, split);
  const lines = [
    `${testedWords(evaluation)}; ${splitWords(split)}.`,
    '',
    ...table,
    '',
    ...rows.map((row) => `${row.name}: ${row.sure}.`),
    ...(probe?.permutation ? [`Null: ${nullWords(probe.permutation, probe.metrics)}.`] : []),
    ...(warning === null ? [] : [warning]),
    ...evaluation.notices,
  ];
  return `${lines.join('\n')}\n`;
}
