import { linearOutputs, toProbabilities } from './float64-loss.ts';
import type { LogisticModel } from './problem.ts';

/** What a prediction needs of a model: a saved probe has it too. */
export type LinearModel = Pick<
  LogisticModel,
  'coefficients' | 'intercepts' | 'classes' | 'dimension' | 'scaler'
>;

/** Probabilities [rows, k] of `rows` of features [n, d]; a row with a NaN feature is NaN. */
export function predictProbabilities(
  model: LinearModel,
  features: Float32Array,
  rows: Uint32Array,
): Float32Array<ArrayBuffer> {
  const { classes: k, dimension: d } = model;
  const parameters = unscaled(model);
  const logits = new Float64Array(model.intercepts.length);
  const probabilities = new Float32Array(rows.length * k);
  for (let i = 0; i < rows.length; i++) {
    linearOutputs(features, rows[i] * d, d, parameters, logits);
    toProbabilities(logits);
    if (k === 2) probabilities[2 * i] = 1 - logits[0];
    probabilities.set(logits, i * k + (k === 2 ? 1 : 0));
  }
  return probabilities;
}

/** Parameters [m, d + 1] on features as they come: the scaler folded in. */
function unscaled({ coefficients, intercepts, dimension: d, scaler }: LinearModel): Float64Array {
  const parameters = new Float64Array(intercepts.length * (d + 1));
  for (let c = 0; c < intercepts.length; c++) {
    let intercept = intercepts[c];
    for (let j = 0; j < d; j++) {
      const weight = coefficients[c * d + j] / scaler.scale[j];
      parameters[c * (d + 1) + j] = weight;
      intercept -= weight * scaler.mean[j];
    }
    parameters[c * (d + 1) + d] = intercept;
  }
  return parameters;
}
