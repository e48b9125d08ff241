import { PROBE_WITHHELD } from '../../run/messages.ts';
import type { CellResults, Prediction } from '../../run/results.ts';
import { argmax } from '../scatter/color-by.ts';
import { withheldSentence } from './withheld.ts';

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

/** [n] not 0 = this prediction gives no answer: by a probe's own rule, else by the model's. */
export function withheldOf(results: CellResults, name: string): Uint8Array {
  return results.predictions[name]?.withheld ?? results.withheld;
}

/** Why a cell has no answer of this prediction, for people; '' where it has one. */
export function noAnswer(results: CellResults, name: string, cell: number): string {
  const own = results.predictions[name]?.withheld;
  return own ? (PROBE_WITHHELD[own[cell]] ?? '') : withheldSentence(results.withheld[cell]);
}

/** Names of the predictions of the model's own heads: those that its training reference judges. */
export function headNames(results: CellResults): readonly string[] {
  return Object.keys(results.predictions).filter((name) => !results.predictions[name].withheld);
}

/** Classes with their probabilities of one cell, most probable first; none where it has no answer. */
export function rankedClasses(
  { classes, probabilities }: Prediction,
  cell: number,
): readonly { readonly name: string; readonly probability: number }[] {
  if (predictedClass({ classes, probabilities }, cell) < 0) return [];
  return classes
    .map((name, k) => ({ name, probability: probabilities[cell * classes.length + k] }))
    .sort((a, b) => b.probability - a.probability);
}
