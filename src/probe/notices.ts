import type { NoInnerFolds } from './selection/inner-folds.ts';

/** What a reader of the figures has to know beside them. */
export type Notice =
  | { readonly kind: 'cells-left-out'; readonly reason: 'no-group' | 'not-finite'; readonly cells: number }
  | { readonly kind: 'seen-groups'; readonly groups: readonly string[] }
  | { readonly kind: 'class-in-one-group'; readonly name: string; readonly group: string }
  | { readonly kind: 'class-not-trained'; readonly name: string; readonly folds: readonly string[] }
  | {
      readonly kind: 'default-c';
      readonly method: string;
      readonly reason: NoInnerFolds;
      readonly folds: readonly string[];
    }
  | { readonly kind: 'not-converged'; readonly method: string; readonly folds: readonly string[] }
  | { readonly kind: 'some-groups-mixed'; readonly groups: readonly string[]; readonly of: number }
  | { readonly kind: 'no-claim'; readonly varies: boolean; readonly groups: number }
  | { readonly kind: 'no-groups' }
  | { readonly kind: 'pooled-groups' }
  | { readonly kind: 'leaks' }
  | { readonly kind: 'nothing-instead'; readonly why: string }
  | { readonly kind: 'no-null'; readonly why: 'one-way' | 'undefined' };

/** One sentence for people. */
export function noticeSentence(notice: Notice): string {
  switch (notice.kind) {
    case 'cells-left-out':
      return notice.reason === 'no-group'
        ? `${cells(notice.cells)} without a donor ${are(notice.cells)} left out: they could be a tested donor’s.`
        : `${cells(notice.cells)} without finite features ${are(notice.cells)} left out.`;
    case 'seen-groups':
      return `The model has seen the labels of ${list(notice.groups)}: in training folds only, in no figure.`;
    case 'class-in-one-group':
      return `Only ${notice.group} has cells of ${notice.name}: class and donor cannot be told apart.`;
    case 'class-not-trained':
      return `No training cell of ${notice.name} in ${list(notice.folds)}: it cannot be answered there.`;
    case 'default-c':
      return notice.reason === 'too-few-groups'
        ? `${notice.method}: C = 1 in ${list(notice.folds)}, whose training cells have fewer than two donors to choose it on.`
        : `${notice.method}: C = 1 in ${list(notice.folds)}, where inner folds by donor lack a class.`;
    case 'not-converged':
      return `${notice.method}: the fit stopped before it converged in ${list(notice.folds)}.`;
    case 'some-groups-mixed':
      return `${list(notice.groups)} (of ${notice.of}) have cells of several classes: the null permutes labels within donors only and cannot see what differs between them.`;
    case 'no-claim':
      return notice.varies
        ? `${notice.groups} tested donors: too few for an interval (six are needed), so no claim can be made.`
        : `A class with ${notice.groups === 0 ? 'no tested donor' : `${notice.groups} tested donor${notice.groups === 1 ? '' : 's'}`}: no claim can be made (three donors of each class are needed).`;
    case 'no-groups':
      return 'The cells have no donors: cells of one donor may be on both sides, and nothing can be said of how sure the figures are.';
    case 'pooled-groups':
      return 'Answers for donors left out one at a time are pooled: chance is the mean of the permutation null, not 0.5.';
    case 'leaks':
      return 'Cells of one donor are on both sides of this split: its figures leak. The split by donor stands beside them.';
    case 'nothing-instead':
      return `No split by donor can stand beside the random one: ${notice.why}.`;
    case 'no-null':
      return notice.why === 'one-way'
        ? 'No permutation null: the donors can be labelled in one way only.'
        : 'No permutation null: its metric is undefined for these labels.';
  }
}

function cells(n: number): string {
  return n === 1 ? '1 cell' : `${n.toLocaleString('en-US')} cells`;
}

function are(n: number): string {
  return n === 1 ? 'is' : 'are';
}

/** A few names and how many more. */
function list(names: readonly string[]): string {
  const most = 6;
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
