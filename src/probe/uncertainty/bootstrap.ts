import { Pacer } from '../../analysis/pacer.ts';
import { Random } from '../../analysis/random.ts';
import type { MetricName, Uncertainty } from '../results.ts';
import { centralInterval } from './quantile.ts';
import type { WeightedScores } from './weighted-scores.ts';

type Intervals = Extract<Uncertainty, { kind: 'bootstrap' }>['intervals'];

const METRICS: readonly MetricName[] = [
  'accuracy',
  'balancedAccuracy',
  'f1Macro',
  'f1Weighted',
  'auroc',
  'averagePrecision',
  'mcc',
  'logLoss',
  'brier',
];

/**
 * 95 % percentile intervals from resampling whole donors, with replacement, within their strata: cells of one
 * donor are alike, so that resampling cells would claim a precision nobody has.
 * @param strata units of `scores` that are drawn from among themselves: donors of one class
 */
export async function donorBootstrap(
  scores: WeightedScores,
  strata: readonly (readonly number[])[],
  resamples: number,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Intervals> {
  const random = new Random(seed);
  const pacer = new Pacer(signal);
  const drawn = METRICS.map(() => new Float64Array(resamples));
  for (let r = 0; r < resamples; r++) {
    const weights = new Float64Array(scores.count);
    for (const stratum of strata) {
      for (let draw = 0; draw < stratum.length; draw++) weights[stratum[random.below(stratum.length)]]++;
    }
    const metrics = scores.metrics(weights);
    METRICS.forEach((name, m) => {
      drawn[m][r] = metrics[name];
    });
    await pacer.pause();
  }
  const entries = METRICS.map((name, m) => [name, centralInterval(drawn[m])] as const);
  return Object.fromEntries(entries) as Record<MetricName, readonly [number, number]>;
}
