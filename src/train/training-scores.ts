import { commonest } from '../analysis/score-input.ts';
import { argmaxRows } from '../probe/metrics/confusion.ts';
import type { Metrics, PermutationNull } from '../probe/results.ts';
import type { TrainingTask } from './task.ts';
import type { MaskedScore, TrainingSummary } from './types.ts';

type ByStudy<T> = Readonly<Record<string, T>>;

/** As `training.json` has it. */
interface HeldOutScore {
  readonly n: number;
  readonly accuracy: number;
  readonly commonest_class: number;
  readonly commonest_class_of_its_study: number;
  /** The most that one answer to all of these cells can be right. */
  readonly one_class_for_every_cell: number;
}

/**
 * Accuracy on test donors beside the commonest class of training, that of the cell's study in training, and the best
 * that one class for every tested cell can do.
 * @returns annotation → "all", then each study
 */
export function heldOutScores(task: TrainingTask, { test }: TrainingSummary): ByStudy<ByStudy<HeldOutScore>> {
  const { cells, labels, sets } = task;
  return Object.fromEntries(
    Object.entries(test?.methods ?? {}).map(([annotation, methods]) => {
      const { classes, codes } = labels[annotation];
      const answers = argmaxRows(methods[0].probabilities, classes.length);
      const counts = new Map<number, Float64Array>();
      const overall = new Float64Array(classes.length);
      for (const cell of sets.train) {
        if (codes[cell] < 0) continue;
        const own = counts.get(cells.batches.codes[cell]) ?? new Float64Array(classes.length);
        own[codes[cell]]++;
        counts.set(cells.batches.codes[cell], own);
        overall[codes[cell]]++;
      }
      const score = (rows: readonly number[]): HeldOutScore => {
        const tested = new Float64Array(classes.length);
        for (const row of rows) tested[codes[methods[0].cells[row]]]++;
        const share = (right: (row: number, cell: number) => boolean) =>
          round(rows.filter((row) => right(row, methods[0].cells[row])).length / rows.length);
        return {
          n: rows.length,
          accuracy: share((row, cell) => answers[row] === codes[cell]),
          commonest_class: share((_, cell) => commonest(overall) === codes[cell]),
          commonest_class_of_its_study: share(
            (_, cell) => commonest(counts.get(cells.batches.codes[cell]) ?? overall) === codes[cell],
          ),
          one_class_for_every_cell: round(Math.max(...tested) / rows.length),
        };
      };
      const rows = Array.from(methods[0].cells.keys());
      const byStudy = cells.sources.flatMap(({ study }, s) => {
        const own = rows.filter((row) => cells.studies[methods[0].cells[row]] === s);
        return own.length === 0 ? [] : [[study, score(own)]];
      });
      return [annotation, { all: score(rows), ...Object.fromEntries(byStudy) }];
    }),
  );
}

/** Every way of answering on the same test cells, the trained model first. */
export function comparedMethods({ test }: TrainingSummary): ByStudy<unknown> {
  return Object.fromEntries(
    Object.entries(test?.methods ?? {}).map(([annotation, methods]) => [
      annotation,
      methods.map(({ id, name, cells, byGroup, metrics, permutation }) => ({
        id,
        name,
        n: cells.length,
        donors: byGroup.length,
        accuracy: round(metrics.accuracy),
        balanced_accuracy: round(metrics.balancedAccuracy),
        ...(permutation ? { permutation_null: nullRecord(permutation, metrics) } : {}),
      })),
    ]),
  );
}

/** What the same answers score where the labels of the test donors say nothing. */
function nullRecord(
  { metric, mean, interval, p, smallestP, permutations, exhaustive, unit }: PermutationNull,
  metrics: Metrics,
): Readonly<Record<string, unknown>> {
  return {
    metric: metric === 'auroc' ? 'auroc' : 'balanced_accuracy',
    reached: round(metrics[metric]),
    mean: round(mean),
    interval_95: interval.map(round),
    p,
    smallest_p: smallestP,
    permutations,
    exhaustive,
    unit,
  };
}

/** Loss on hidden tokens of test donors beside the base model’s and that of guessing by frequency, by study. */
export function maskedLosses(scores: readonly MaskedScore[]): ByStudy<unknown> {
  return Object.fromEntries(
    scores.map(({ study, loss, base, frequencies, tokens, accuracy }) => [
      study,
      {
        masked_gene_loss: round(loss),
        ...(base === null ? {} : { base_model: round(base) }),
        gene_frequencies_of_the_study: round(frequencies),
        accuracy: round(accuracy),
        tokens,
      },
    ]),
  );
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
