import { donorStandings } from '../analysis/donors.ts';
import type { FineTunedRefusal } from '../report/fine-tuned-words.ts';
import type { FineTunedRecord } from '../train/fine-tuned-record.ts';

/** A question as far as it decides who may answer it. */
export interface AskedOf {
  /** obs column of the label. */
  readonly column: string;
  /** Name of the file without its folder. */
  readonly file: string;
  /** Its hex SHA-256. */
  readonly sha256: string;
  /** Names of the tested donors. */
  readonly tested: readonly string[];
}

/** Whether a fine-tuned model was taught what is asked, and has seen nobody who is tested. */
export type FineTunedStanding =
  | { readonly kind: 'answers' }
  /** It was taught something else. */
  | { readonly kind: 'other' }
  | { readonly kind: 'refused'; readonly refusal: FineTunedRefusal };

/**
 * A model may answer when it was taught this column of this file, and every tested donor is on its list of those held
 * out and neither among those it was trained on (by its base model or here) nor among those it was chosen by. Lists of
 * all studies count: a donor of the same name elsewhere is taken for the same.
 */
export function fineTunedStanding(record: FineTunedRecord, asked: AskedOf): FineTunedStanding {
  const taught = record.studies.some(
    ({ labels, files }) =>
      labels.column === asked.column &&
      (Object.values(files).includes(asked.sha256) || Object.hasOwn(files, asked.file)),
  );
  if (!taught) return { kind: 'other' };
  const all = donorStandings(asked.tested, record);
  const trained = donorStandings(asked.tested, { ...record, validationDonors: {} });
  const donorsOf = (standings: typeof all, status: 'seen' | 'new') =>
    asked.tested.filter((donor) => standings.get(donor)?.status === status);
  for (const [kind, donors] of [
    ['trained-on', donorsOf(trained, 'seen')],
    ['chosen-by', donorsOf(all, 'seen')],
    ['not-held-out', donorsOf(all, 'new')],
  ] as const)
    if (donors.length > 0) return { kind: 'refused', refusal: { kind, name: record.name, donors } };
  return { kind: 'answers' };
}
