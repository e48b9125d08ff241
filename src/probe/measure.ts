import type { FoldAnswer, Method } from './methods/method.ts';
import { argmaxRows, confusionMatrix } from './metrics/confusion.ts';
import { coverageCurve, reliabilityBins, rocCurves } from './metrics/curves.ts';
import { classMetrics, scoreMetrics } from './metrics/score.ts';
import type { GroupMetrics, MethodResult, Metrics } from './results.ts';
import type { Fold, Grouping, ProbeData, ProbeSettings } from './types.ts';
import { type Answers, uncertaintyOf } from './uncertainty/by-donor.ts';
import { groupsOf } from './usable.ts';

/**
 * A method's row of the table from its answers to all folds, pooled: each tested cell was answered once, by a
 * fit that had not seen its donor.
 */
export async function measure(
  method: Pick<Method, 'id' | 'name' | 'ranks'>,
  folds: readonly Fold[],
  answers: readonly FoldAnswer[],
  data: ProbeData,
  settings: Pick<ProbeSettings, 'resamples' | 'seed'>,
  signal: AbortSignal | undefined,
): Promise<MethodResult> {
  const { classes } = data;
  const k = classes.length;
  const { answered, withheld } = pool(folds, answers, data);
  const { cells, labels, probabilities } = answered;
  const predicted = argmaxRows(probabilities, k);
  const byGroup = groupMetrics(answered, predicted, data);
  const ranked = <M extends { readonly auroc: number; readonly averagePrecision: number }>(metrics: M): M =>
    method.ranks ? metrics : { ...metrics, auroc: Number.NaN, averagePrecision: Number.NaN };
  const uncertainty = await uncertaintyOf(answered, byGroup, data, settings, signal);
  return {
    id: method.id,
    name: method.name,
    cells,
    probabilities,
    metrics: ranked(scoreMetrics(labels, probabilities, k)),
    confusion: confusionMatrix(labels, predicted, k),
    byClass: classMetrics(labels, probabilities, classes).map(ranked),
    byGroup,
    byCellType: metricsByName(data.cellTypes, answered, k).map((row) => ({
      ...row,
      metrics: ranked(row.metrics),
    })),
    curves: method.ranks ? rocCurves(labels, probabilities, classes) : [],
    reliability: method.ranks ? reliabilityBins(labels, probabilities, k) : [],
    coverage: method.ranks ? coverageCurve(labels, probabilities, k) : [],
    threshold: medianThreshold(answers),
    uncertainty:
      uncertainty.kind === 'bootstrap' && !method.ranks
        ? {
            ...uncertainty,
            intervals: {
              ...uncertainty.intervals,
              auroc: [Number.NaN, Number.NaN],
              averagePrecision: [Number.NaN, Number.NaN],
            },
          }
        : uncertainty,
    permutation: null,
    withheld,
  };
}

/** Answers of all folds by ascending cell, without the cells a method gave none for. */
function pool(
  folds: readonly Fold[],
  answers: readonly FoldAnswer[],
  data: ProbeData,
): { readonly answered: Answers; readonly withheld: number } {
  const k = data.classes.length;
  const rows = folds
    .flatMap(({ test }, f) => Array.from(test, (cell, r) => ({ cell, f, r })))
    .sort((a, b) => a.cell - b.cell);
  const given = rows.filter(({ f, r }) =>
    answers[f].probabilities.subarray(r * k, (r + 1) * k).every((p) => !Number.isNaN(p)),
  );
  const probabilities = new Float32Array(given.length * k);
  given.forEach(({ f, r }, i) => {
    probabilities.set(answers[f].probabilities.subarray(r * k, (r + 1) * k), i * k);
  });
  const cells = Uint32Array.from(given, ({ cell }) => cell);
  const labels = Int32Array.from(cells, (cell) => data.labels[cell]);
  return { answered: { cells, labels, probabilities }, withheld: rows.length - given.length };
}

function groupMetrics(
  { cells, probabilities }: Answers,
  predicted: Int32Array,
  data: ProbeData,
): GroupMetrics[] {
  const k = data.classes.length;
  const row = new Map(Array.from(cells, (cell, r) => [cell, r]));
  return groupsOf(data, cells).map((group) => {
    const rows = group.cells.map((cell) => row.get(cell) ?? 0);
    const mean = new Float64Array(k);
    for (const r of rows) for (let c = 0; c < k; c++) mean[c] += probabilities[r * k + c] / rows.length;
    return {
      name: data.groups?.names[group.code] ?? '',
      n: rows.length,
      accuracy: rows.filter((r) => predicted[r] === data.labels[cells[r]]).length / rows.length,
      recorded: group.onlyClass,
      meanProbability: Array.from(mean),
      predicted: mean.indexOf(Math.max(...mean)),
    };
  });
}

function metricsByName(
  grouping: Grouping | null,
  { cells, labels, probabilities }: Answers,
  k: number,
): readonly { readonly name: string; readonly n: number; readonly metrics: Metrics }[] {
  if (grouping === null) return [];
  return grouping.names.flatMap((name, code) => {
    const rows = Array.from(cells.keys()).filter((r) => grouping.codes[cells[r]] === code);
    if (rows.length === 0) return [];
    const own = new Float32Array(rows.length * k);
    rows.forEach((r, i) => {
      own.set(probabilities.subarray(r * k, (r + 1) * k), i * k);
    });
    const metrics = scoreMetrics(
      Int32Array.from(rows, (r) => labels[r]),
      own,
      k,
    );
    return [{ name, n: rows.length, metrics }];
  });
}

/**
 * Each fold chose its threshold on validation cells of its own training side; one that stands for all is their
 * median. No metric is taken at it.
 */
function medianThreshold(answers: readonly FoldAnswer[]): number | null {
  const chosen = answers.flatMap((answer) => answer.chosen?.threshold ?? []).sort((a, b) => a - b);
  return chosen.length === 0 ? null : chosen[(chosen.length - 1) >> 1];
}
