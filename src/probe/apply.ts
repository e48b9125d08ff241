import { Pacer } from '../analysis/pacer.ts';
import { ProbeError } from './errors.ts';
import { predictProbabilities } from './logistic/predict.ts';
import { Mahalanobis } from './mahalanobis.ts';
import type { AppliedProbe, ProbeJobOptions, TrainedProbe } from './types.ts';

/** A cell farther away than this percentile of training cells is outside what the probe was trained on. */
const OUTSIDE_PERCENTILE = 99;
/** Cells between two turns of the event loop. */
const SLICE = 256;

const ANSWERED = 0;
const OUTSIDE = 1;
const BELOW_THRESHOLD = 2;

/**
 * A trained probe's answers. A cell whose features are not finite, or lie farther from the training features
 * than 99 % of training cells, gets none; nor does one whose greatest probability is below the threshold.
 * @param features [n, dimension]
 * @throws ProbeError 'wrong-dimension'
 */
export async function applyProbe(
  probe: TrainedProbe,
  features: Float32Array<ArrayBuffer>,
  options: ProbeJobOptions,
): Promise<AppliedProbe> {
  const d = probe.dimension;
  if (features.length % d !== 0) {
    throw new ProbeError('wrong-dimension', `${features.length} values are no cells of ${d} features`);
  }
  const n = features.length / d;
  const k = probe.classes.length;
  const model = {
    coefficients: probe.coefficients,
    intercepts: probe.intercepts,
    classes: k,
    dimension: d,
    scaler: { mean: probe.scalerMean, scale: probe.scalerScale },
  };
  const reference = new Mahalanobis(probe.featureMean, probe.featurePrecision);
  const farthest = probe.distanceQuantiles[OUTSIDE_PERCENTILE];
  const probabilities = new Float32Array(n * k).fill(Number.NaN);
  const withheld = new Uint8Array(n).fill(OUTSIDE);
  const pacer = new Pacer(options.signal);
  for (let first = 0; first < n; first += SLICE) {
    const rows = Uint32Array.from({ length: Math.min(SLICE, n - first) }, (_, i) => first + i);
    // Written so that a NaN is outside.
    const inside = rows.filter((row) => reference.distance(features, row) <= farthest);
    const answers = predictProbabilities(model, features, inside);
    inside.forEach((row, r) => {
      const answer = answers.subarray(r * k, (r + 1) * k);
      const sure = probe.threshold === null || Math.max(...answer) >= probe.threshold;
      withheld[row] = sure ? ANSWERED : BELOW_THRESHOLD;
      if (sure) probabilities.set(answer, row * k);
    });
    options.onProgress?.({ stage: 'probe', done: first + rows.length, total: n, unit: 'cells' });
    await pacer.pause();
  }
  return { probabilities, withheld };
}
