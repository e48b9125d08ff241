import { measure } from './measure.ts';
import { givenAnswer } from './methods/head.ts';
import type { MethodResult } from './results.ts';
import type { Fold, ProbeData, ProbeSettings } from './types.ts';
import { nullOfAnswers } from './uncertainty/permutation-null.ts';

/**
 * The row of a trained model among other methods: it learnt before, learns nothing from the folds, and answers their
 * tested cells. Its null permutes the labels of the tested cells alone.
 * @param answers [n, k] probabilities; NaN rows = no answer
 * @throws the signal's reason
 */
export async function fineTunedResult(
  name: string,
  answers: Float32Array,
  folds: readonly Fold[],
  data: ProbeData,
  settings: Pick<ProbeSettings, 'resamples' | 'permutations' | 'seed'>,
  signal: AbortSignal | undefined,
): Promise<MethodResult> {
  const given = folds.map((fold) => givenAnswer(answers, fold, data.classes.length));
  const method = { id: 'fine-tuned', name, ranks: true } as const;
  const result = await measure(method, folds, given, data, settings, signal);
  const { cells, probabilities, metrics } = result;
  const permutation = await nullOfAnswers(data, cells, probabilities, metrics, settings, signal);
  return { ...result, permutation };
}
