import type { Prediction } from '../../run/services.ts';
import { argmax } from '../scatter/color-by.ts';

/** [n] index of the most probable class, −1 where there is none. */
export function predictedClass(prediction: Prediction, cell: number): number {
  return argmax(prediction.probabilities, cell * prediction.classes.length, prediction.classes.length);
}

/** [n] probability of the predicted class. */
export function certainty({ classes, probabilities }: Prediction): Float32Array<ArrayBuffer> {
  const n = classes.length ? probabilities.length / classes.length : 0;
  const most = new Float32Array(n);
  for (let cell = 0; cell < n; cell++) {
    for (let k = 0; k < classes.length; k++)
      most[cell] = Math.max(most[cell], probabilities[cell * classes.length + k]);
  }
  return most;
}

/** Classes with their probabilities of one cell, most probable first. */
export function rankedClasses(
  { classes, probabilities }: Prediction,
  cell: number,
): readonly { readonly name: string; readonly probability: number }[] {
  return classes
    .map((name, k) => ({ name, probability: probabilities[cell * classes.length + k] }))
    .sort((a, b) => b.probability - a.probability);
}
