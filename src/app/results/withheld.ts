import { WITHHELD_REASONS } from '../../model/token-batch.ts';
import { WITHHELD_SENTENCES } from '../../run/messages.ts';

/** Why a cell's predictions are not shown, for people. */
export function withheldSentence(index: number): string {
  return WITHHELD_SENTENCES[WITHHELD_REASONS[index] ?? 'shown'];
}

const OUTSIDE = /^outside what this model has seen: /;

/** The reason alone, where the words around it say the rest; "not withheld" for cells shown. */
export function shortReason(index: number): string {
  return withheldSentence(index).replace(OUTSIDE, '') || 'not withheld';
}

/** Withheld cells by reason, commonest first. */
export function withheldCounts(
  withheld: Uint8Array,
): readonly { readonly reason: number; readonly count: number }[] {
  const counts = new Uint32Array(WITHHELD_REASONS.length);
  for (const reason of withheld) counts[reason]++;
  return [...counts]
    .map((count, reason) => ({ reason, count }))
    .filter(({ reason, count }) => reason > 0 && count > 0)
    .sort((a, b) => b.count - a.count);
}
