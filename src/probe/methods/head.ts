import type { Method } from './method.ts';

/**
 * The model's own annotation head, which learned in training and learns nothing here. Cells it was withheld
 * for have no answer.
 * @param head [n, k]; NaN rows = withheld
 */
export function headMethod(head: Float32Array): Method {
  return {
    id: 'head',
    name: 'the model’s own annotation head',
    ranks: true,
    fits: 0,
    answer: async (fold, { data }) => {
      const k = data.classes.length;
      const probabilities = new Float32Array(fold.test.length * k);
      fold.test.forEach((cell, r) => {
        probabilities.set(head.subarray(cell * k, (cell + 1) * k), r * k);
      });
      return { probabilities, chosen: null, converged: true };
    },
  };
}
