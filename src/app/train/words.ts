import type { MethodResult } from '../../probe/results.ts';
import { againstChance, isFinding } from '../../report/evaluation-page.ts';
import { figure } from '../../report/numbers.ts';
import { uncertaintyWords } from '../../report/words.ts';
import { formatCount } from '../common/format.ts';
import type { Trained } from '../state/trained.ts';

/** Donors whose cells the weights were made from, and those who only decided. */
export function trainedOn({ model, base }: Trained): string {
  const { donors, cellsSeen } = model.summary;
  const of = (set: 'train' | 'validation') => donors.filter((place) => place.set === set);
  const names = (places: typeof donors) =>
    places.length > 12 ? `${places.length} donors` : places.map(({ donor }) => donor).join(', ');
  const validation = of('validation');
  return [
    `Made from ${base.name} on ${formatCount(cellsSeen)} readings of cells`,
    of('train').length > 0 ? ` of ${names(of('train'))}` : '',
    validation.length > 0 ? `; ${names(validation)} decided when to stop` : '',
    '.',
  ].join('');
}

/** Where the weights come from that were best on the validation donors. */
export function keptWords(step: number): string {
  return step === 0
    ? 'no step made it better on the validation donors, so the weights are those before the first'
    : `the weights kept are those of step ${formatCount(step)}, best on the validation donors`;
}

/**
 * What the test says and no more: against chance with these donors, against what stands beside it, and how sure that is.
 * Without a null or with too few donors the figures describe these cells alone, and that is said.
 */
export function testSentences(methods: readonly MethodResult[]): readonly string[] {
  const [own, ...others] = methods;
  const score = (method: MethodResult) => method.metrics.balancedAccuracy;
  const compared = others.map((other) => {
    const by = score(own) - score(other);
    const word = by > 0 ? 'above' : by < 0 ? 'below' : 'level with';
    const much = by === 0 ? '' : `${figure(Math.abs(by))} `;
    return `Balanced accuracy ${figure(score(own))}, ${much}${word} ${other.name} (${figure(score(other))}), on the same ${formatCount(own.cells.length)} cells.`;
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
