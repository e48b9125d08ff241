import type { Losses, LossWeights, TrainBatch } from './trainer.ts';

/** What the losses of a step are divided by: counts over all of its micro-batches. */
export interface LossCounts {
  readonly maskedTokens: number;
  /** Annotation → labelled cells, for every annotation of the model. */
  readonly labelled: Readonly<Record<string, number>>;
}

/** Counts hidden tokens and labelled cells, whatever their losses weigh. */
export function countLosses(batches: readonly TrainBatch[], annotations: readonly string[]): LossCounts {
  const labelledIn = (name: string) =>
    batches.reduce(
      (sum, { labels }) => sum + (labels[name]?.reduce((n, label) => n + (label >= 0 ? 1 : 0), 0) ?? 0),
      0,
    );
  return {
    maskedTokens: batches.reduce((sum, { masked }) => sum + masked.length, 0),
    labelled: Object.fromEntries(annotations.map((name) => [name, labelledIn(name)])),
  };
}

/** Sums of losses over what they are counted by, as a pass over micro-batches gathers them. */
export interface LossSums {
  masked: number;
  maskedRight: number;
  /** Annotation → sum; none where the annotation's loss has weight 0. */
  readonly annotations: Record<string, number>;
}

/** Means and the weighted total. */
export function meanLosses(sums: LossSums, counts: LossCounts, weights: LossWeights): Losses {
  const mean = (sum: number, count: number, weight: number) => (count > 0 && weight > 0 ? sum / count : null);
  const masked = mean(sums.masked, counts.maskedTokens, weights.masked);
  const annotations: Record<string, number | null> = {};
  let total = weights.masked * (masked ?? 0);
  for (const [name, count] of Object.entries(counts.labelled)) {
    const weight = weights.annotations[name] ?? 0;
    const loss = mean(sums.annotations[name] ?? 0, count, weight);
    annotations[name] = loss;
    total += weight * (loss ?? 0);
  }
  return { total, masked, annotations, ...counts, maskedRight: sums.maskedRight };
}
