import { fitClassifier, type LabelledFeatures } from '../classifier.ts';
import { predictProbabilities } from '../logistic/predict.ts';
import { select, selectionFits } from '../selection/select.ts';
import type { Fold, ProbeSettings } from '../types.ts';
import type { FoldAnswer, Method, MethodContext } from './method.ts';

/** Logistic regression on the frozen features. */
export function probeMethod(settings: ProbeSettings): Method {
  return {
    id: 'probe',
    name: 'linear probe',
    ranks: true,
    fits: selectionFits(settings) + 1,
    answer: (fold, context) => {
      const { features, dimension, labels, classes } = context.data;
      return probeAnswer({ features, dimension, labels, classes: classes.length }, fold, context);
    },
  };
}

/** C and threshold chosen on the training cells, one fit on all of them, and the test cells opened once. */
export async function probeAnswer(
  matrix: LabelledFeatures,
  fold: Fold,
  { data, settings, fits }: MethodContext,
): Promise<FoldAnswer> {
  const chosen = await select(data, matrix, fold.train, settings, fits);
  const model = await fitClassifier(matrix, fold.train, {
    c: chosen.c,
    classWeights: settings.classWeights,
    ...fits.where,
  });
  fits.one();
  return {
    probabilities: predictProbabilities(model, matrix.features, fold.test),
    chosen,
    converged: model.converged,
  };
}
