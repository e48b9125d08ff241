import type { ModelConfig } from '../model/config.ts';

/** Classes of one annotation and [cells, classes] probabilities. */
interface ClassProbabilities {
  readonly classes: readonly string[];
  readonly probabilities: Float32Array<ArrayBuffer>;
}

/** Row-wise softmax of logits [rows, classes], in float64, the largest logit subtracted first. */
export function softmaxRows(logits: ArrayLike<number>, classes: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(logits.length);
  const weights = new Float64Array(classes);
  for (let start = 0; start < logits.length; start += classes) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) largest = Math.max(largest, logits[start + k]);
    let sum = 0;
    for (let k = 0; k < classes; k++) {
      weights[k] = Math.exp(logits[start + k] - largest);
      sum += weights[k];
    }
    for (let k = 0; k < classes; k++) result[start + k] = weights[k] / sum;
  }
  return result;
}

/** Index of the largest value of each row of [rows, columns]; the first of equals. */
export function argmaxRows(values: ArrayLike<number>, columns: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: values.length / columns }, (_, row) => {
    let best = 0;
    for (let k = 1; k < columns; k++) {
      if (values[row * columns + k] > values[row * columns + best]) best = k;
    }
    return best;
  });
}

/** Annotation name → its classes and probabilities, from an engine's logits, in the model's order. */
export function toPredictions(
  config: ModelConfig,
  logits: Readonly<Record<string, Float32Array>>,
): Record<string, ClassProbabilities> {
  const predictions: Record<string, ClassProbabilities> = {};
  for (const [name, classes] of Object.entries(config.annotations)) {
    predictions[name] = { classes, probabilities: softmaxRows(logits[name], classes.length) };
  }
  return predictions;
}
