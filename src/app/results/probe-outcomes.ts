import { argmax } from '../scatter/color-by.ts';
import type { ProbeResult } from '../state/probe.ts';

/** What became of a cell in the test of a probe, as rows of the legend. */
export const OUTCOMES: readonly string[] = ['answered right', 'answered wrong'];

/** [n] index into OUTCOMES, −1 = not tested: no label, or a donor that is never a test. */
export function probeOutcomes(
  { evaluation, labels }: Pick<ProbeResult, 'evaluation' | 'labels'>,
  n: number,
): Int32Array<ArrayBuffer> {
  const outcomes = new Int32Array(n).fill(-1);
  const [probe] = evaluation.methods;
  const k = evaluation.classes.length;
  probe.cells.forEach((cell, i) => {
    const predicted = argmax(probe.probabilities, i * k, k);
    if (predicted >= 0) outcomes[cell] = predicted === labels[cell] ? 0 : 1;
  });
  return outcomes;
}
