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
