import type { Fold, Grouping, ProbeData } from '../types.ts';
import { classCounts } from '../usable.ts';
import type { FoldAnswer, Method } from './method.ts';

/**
 * The commonest class of the training cells, for every cell. Its probabilities are the classes' shares
 * among them, so that log loss and Brier score have a fair zero point.
 */
export function commonestClass(): Method {
  return {
    id: 'commonest-class',
    name: 'commonest class',
    ranks: false,
    fits: 0,
    answer: async (fold, { data }) => guess(fold, data, null),
  };
}

/** The same by the cell's study or batch; a study without training cells gets the overall shares. */
export function commonestOfStudy(studies: Grouping): Method {
  return {
    id: 'commonest-of-study',
    name: 'commonest class of the cell’s study or batch',
    ranks: false,
    fits: 0,
    answer: async (fold, { data }) => guess(fold, data, studies.codes),
  };
}

function guess(fold: Fold, data: ProbeData, studies: Int32Array | null): FoldAnswer {
  const k = data.classes.length;
  const sharesOf = (cells: ArrayLike<number>) =>
    classCounts(data.labels, cells, k).map((count) => count / cells.length);
  const overall = sharesOf(fold.train);
  const members = new Map<number, number[]>();
  if (studies !== null) {
    for (const cell of fold.train) {
      if (studies[cell] < 0) continue;
      const list = members.get(studies[cell]);
      if (list === undefined) members.set(studies[cell], [cell]);
      else list.push(cell);
    }
  }
  const byStudy = new Map([...members].map(([study, cells]) => [study, sharesOf(cells)]));
  const probabilities = new Float32Array(fold.test.length * k);
  fold.test.forEach((cell, r) => {
    probabilities.set((studies === null ? undefined : byStudy.get(studies[cell])) ?? overall, r * k);
  });
  return { probabilities, chosen: null, converged: true };
}
