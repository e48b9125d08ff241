import type { MethodResult } from '../probe/results.ts';
import { againstChance, isFinding } from './evaluation-page.ts';
import { count, figure } from './numbers.ts';
import { uncertaintyWords } from './words.ts';

/**
 * What the test of a trained model says and no more: against chance with these donors, against what stands beside it,
 * and how sure that is. Without a null or with too few donors the figures describe these cells alone, and that is said.
 * @param methods the trained model first, then what was compared with it on the same cells
 */
export function testSentences(methods: readonly MethodResult[]): readonly string[] {
  const [own, ...others] = methods;
  const score = (method: MethodResult) => method.metrics.balancedAccuracy;
  const compared = others.map((other) => {
    const by = score(own) - score(other);
    const isLevel = figure(Math.abs(by)) === figure(0);
    const word = isLevel ? 'level with' : by > 0 ? 'above' : 'below';
    const much = isLevel ? '' : `${figure(Math.abs(by))} `;
    return `Balanced accuracy ${figure(score(own))}, ${much}${word} ${other.name} (${figure(score(other))}), on the same ${count(own.cells.length)} cells.`;
  });
  return [
    againstChance(own, 'The trained model'),
    ...compared,
    ...(isFinding(own)
      ? []
      : ['These figures describe the tested cells; they are no finding about new donors.']),
    `How sure: ${uncertaintyWords(own.uncertainty)}.`,
  ];
}
