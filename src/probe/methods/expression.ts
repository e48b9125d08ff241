import { componentScores, principalComponents } from '../expression/pca.ts';
import { selectBlock, variableGenes } from '../expression/variable-genes.ts';
import { selectionFits } from '../selection/select.ts';
import type { Fold, LogCounts, ProbeSettings } from '../types.ts';
import type { FoldAnswer, Method, MethodContext } from './method.ts';
import { probeAnswer } from './probe.ts';

const GENES = 2000;
const COMPONENTS = 50;

/**
 * The baseline that has to be beaten: logistic regression on 50 principal components of the 2,000 most
 * variable genes of log-CP10k, genes, components, scaling and C all from the fold's training cells. The inner
 * folds that choose C share genes and components of the whole training side: both are blind to labels, and
 * no tested cell takes part.
 */
export function expressionMethod(expression: LogCounts, settings: ProbeSettings): Method {
  return {
    id: 'expression',
    name: 'linear probe on log-CP10k (PCA 50)',
    ranks: true,
    fits: selectionFits(settings) + 1,
    answer: (fold, context) => expressionAnswer(expression, fold, context),
  };
}

async function expressionAnswer(
  expression: LogCounts,
  fold: Fold,
  context: MethodContext,
): Promise<FoldAnswer> {
  const { data, settings, fits } = context;
  const cells = Uint32Array.from([...fold.train, ...fold.test]);
  const genes = variableGenes(expression, fold.train, GENES);
  const block = selectBlock(expression, cells, genes);
  const components = await principalComponents(
    block,
    fold.train.map((_, r) => r),
    COMPONENTS,
    { seed: settings.seed, signal: fits.signal },
  );
  const scores = await componentScores(block, components, fits.signal);
  // Back in the order of all cells, so that labels and groups keep their indices.
  const dimension = components.count;
  const features = new Float32Array(data.labels.length * dimension);
  cells.forEach((cell, r) => {
    features.set(scores.subarray(r * dimension, (r + 1) * dimension), cell * dimension);
  });
  const matrix = { features, dimension, labels: data.labels, classes: data.classes.length };
  return probeAnswer(matrix, fold, context);
}
