import { Pacer } from '../analysis/pacer.ts';
import { ProbeError } from './errors.ts';
import { positiveInverse } from './linear-algebra/inverse.ts';
import {
  addMoments,
  ledoitWolf,
  type Moments,
  momentsOf,
  type Shrunk,
} from './linear-algebra/ledoit-wolf.ts';
import { Mahalanobis } from './mahalanobis.ts';
import { innerFolds } from './selection/inner-folds.ts';
import type { ProbeData, TrainedProbe } from './types.ts';
import { quantile } from './uncertainty/quantile.ts';

/** More cells would not move a percentile, and each costs a product with the precision. */
const MOST_MEASURED = 10_000;

type Reference = Pick<TrainedProbe, 'featureMean' | 'featurePrecision' | 'distanceQuantiles'>;

/**
 * What training features look like: their mean, Ledoit–Wolf precision and how far cells lie from it. A donor's
 * cells are measured against the other donors' (up to five parts), because a new dataset's cells will not have
 * shaped the mean either; with fewer than two donors against all cells.
 * @param rows the training cells
 * @throws ProbeError 'constant-features'
 */
export async function featureReference(
  data: ProbeData,
  rows: Uint32Array<ArrayBuffer>,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Reference> {
  const { features, dimension } = data;
  const origin = Float64Array.from({ length: dimension }, (_, i) => features[rows[0] * dimension + i]);
  const folds = innerFolds(data, rows, seed);
  const inParts = typeof folds === 'string' ? [] : folds.map((fold) => fold.validation);
  const inNone = new Set(inParts.flatMap((part) => Array.from(part)));
  const parts = [...inParts, rows.filter((row) => !inNone.has(row))].filter((part) => part.length > 0);
  const moments: Moments[] = [];
  for (const part of parts) moments.push(await momentsOf(features, part, origin, signal));
  const whole = ledoitWolf(features, rows, origin, addMoments(moments));
  const precision = precisionOf(whole);

  const measured = new Set(spread(rows, MOST_MEASURED));
  const pacer = new Pacer(signal);
  const distances: number[] = [];
  for (const [p, part] of parts.entries()) {
    let model = new Mahalanobis(whole.mean, precision);
    if (parts.length > 1) {
      const others = Uint32Array.from(parts.filter((_, other) => other !== p).flatMap((other) => [...other]));
      const rest = addMoments(moments.filter((_, other) => other !== p));
      const shrunk = ledoitWolf(features, others, origin, rest);
      model = new Mahalanobis(shrunk.mean, precisionOf(shrunk));
    }
    for (const row of part) {
      if (!measured.has(row)) continue;
      distances.push(model.distance(features, row));
      await pacer.pause();
    }
  }
  const sorted = Float64Array.from(distances).sort();
  return {
    featureMean: whole.mean,
    featurePrecision: precision,
    distanceQuantiles: Float64Array.from({ length: 101 }, (_, i) => quantile(sorted, i / 100)),
  };
}

function precisionOf({ covariance }: Shrunk): Float64Array<ArrayBuffer> {
  const inverse = positiveInverse(covariance);
  if (inverse === null) throw new ProbeError('constant-features', 'the features do not vary over the cells');
  return inverse;
}

/** At most `count` of the rows, evenly spread. */
function spread(rows: Uint32Array, count: number): readonly number[] {
  const take = Math.min(count, rows.length);
  return Array.from({ length: take }, (_, i) => rows[Math.floor((i * rows.length) / take)]);
}
