import { fitClassifier } from './classifier.ts';
import { ProbeError } from './errors.ts';
import { featureReference } from './feature-reference.ts';
import { Fits } from './fits.ts';
import type { FitEnvironment } from './logistic/back-ends.ts';
import { select, selectionFits } from './selection/select.ts';
import { checkSettings } from './settings.ts';
import type { ProbeData, ProbeJobOptions, ProbeSettings, TrainedProbe } from './types.ts';
import { classCounts, hasFiniteRow } from './usable.ts';

export type TrainSettings = Pick<ProbeSettings, 'c' | 'classWeights' | 'seed'> & {
  readonly threshold: number | null;
};

/**
 * One probe on all labelled cells with finite features, those without a group too: nothing is tested here. C is
 * chosen as in an evaluation; the threshold is the one an evaluation chose. Its classes are those that the
 * cells have.
 * @throws ProbeError 'one-class', 'constant-features', 'bad-setting'
 */
export async function trainProbe(
  data: ProbeData,
  settings: TrainSettings,
  options: ProbeJobOptions,
  environment: FitEnvironment = {},
): Promise<TrainedProbe> {
  checkSettings(settings);
  const { features, dimension, labels } = data;
  const rows = Uint32Array.from(labels.keys()).filter(
    (cell) => labels[cell] >= 0 && hasFiniteRow(features, dimension, cell),
  );
  const fits = new Fits(options, selectionFits(settings) + 1, environment);
  fits.begin('probe for use', selectionFits(settings) + 1);
  const counts = classCounts(labels, rows, data.classes.length);
  const present = [...counts.keys()].filter((label) => counts[label] > 0);
  if (present.length < 2) {
    throw new ProbeError('one-class', 'fewer than two classes have labelled cells that can be used');
  }
  const compact = labels.map((label) => present.indexOf(label));
  const matrix = { features, dimension, labels: compact, classes: present.length };
  const { c } = await select(data, matrix, rows, settings, fits);
  const { classWeights } = settings;
  const model = await fitClassifier(matrix, rows, { c, classWeights, ...fits.where });
  fits.end();
  return {
    classes: present.map((label) => data.classes[label]),
    dimension,
    scalerMean: model.scaler.mean,
    scalerScale: model.scaler.scale,
    coefficients: model.coefficients,
    intercepts: model.intercepts,
    c,
    threshold: settings.threshold,
    ...(await featureReference(data, rows, settings.seed, options.signal)),
  };
}
