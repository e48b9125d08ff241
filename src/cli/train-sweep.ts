import type { TrainConfig } from '../train/config.ts';
import type { TrainingSummary } from '../train/types.ts';

/** Values a configuration is trained with, one after the other; empty = its own. */
export interface Sweep {
  /** λ of every annotation. */
  readonly lambdas: readonly number[];
  /** Of every training donor's cells, above 0 to 1. */
  readonly shares: readonly number[];
  readonly seeds: readonly number[];
}

/**
 * The configurations of a sweep, each under a name of its own; without one the configuration itself.
 * @throws RangeError for λ or a share of a fine-tuning, which has none
 */
export function sweepOf(config: TrainConfig, { lambdas, shares, seeds }: Sweep): readonly TrainConfig[] {
  if (shares.length > 0 && config.objective.kind === 'finetune')
    throw new RangeError('a share of the cells is of pre-training, not of fine-tuning');
  const byLambda = lambdas.length === 0 ? [config] : lambdas.map((lambda) => withLambda(config, lambda));
  const byShare = byLambda.flatMap((one) =>
    shares.length === 0
      ? [one]
      : shares.map((share) => ({ ...one, name: `${one.name}-share-${share}`, trainingShare: share })),
  );
  return byShare.flatMap((one) =>
    seeds.length === 0 ? [one] : seeds.map((seed) => ({ ...one, name: `${one.name}-seed-${seed}`, seed })),
  );
}

function withLambda(config: TrainConfig, lambda: number): TrainConfig {
  const { objective } = config;
  if (objective.kind !== 'pretrain') throw new RangeError('λ is of annotations in pre-training');
  const annotations = Object.fromEntries(Object.keys(objective.annotations).map((name) => [name, lambda]));
  return { ...config, name: `${config.name}-lambda-${lambda}`, objective: { ...objective, annotations } };
}

/** One line a training, tab-separated, with a header: what a table of a sweep is made from. */
export function sweepTable(
  rows: readonly { readonly config: TrainConfig; readonly summary: TrainingSummary }[],
): string {
  const annotations = [...new Set(rows.flatMap(({ summary }) => Object.keys(summary.test?.methods ?? {})))];
  const figure = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(4));
  const header = ['name', 'seed', 'steps', 'hidden loss', 'of the base', 'by frequencies', ...annotations];
  const lines = rows.map(({ config, summary }) => {
    const masked = summary.test?.masked[0];
    return [
      config.name,
      config.seed,
      summary.steps,
      figure(masked?.loss),
      figure(masked?.base ?? undefined),
      figure(masked?.frequencies),
      ...annotations.map((name) => figure(summary.test?.methods[name]?.[0].metrics.accuracy)),
    ];
  });
  return `${[header, ...lines].map((line) => line.join('\t')).join('\n')}\n`;
}
