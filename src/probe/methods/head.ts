import type { Fold } from '../types.ts';
import type { FoldAnswer, Method } from './method.ts';

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
    answer: async (fold, { data }) => givenAnswer(head, fold, data.classes.length),
  };
}

/** Answers to the tested cells of a fold out of those given to all cells. @param answers [n, k] */
export function givenAnswer(answers: Float32Array, fold: Pick<Fold, 'test'>, k: number): FoldAnswer {
  const probabilities = new Float32Array(fold.test.length * k);
  fold.test.forEach((cell, r) => {
    probabilities.set(answers.subarray(cell * k, (cell + 1) * k), r * k);
  });
  return { probabilities, chosen: null, converged: true };
}
