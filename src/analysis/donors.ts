import type { TrainingRecord } from '../model/training-record.ts';

/** What the model knows of a donor: `seen` in training, or chosen by (never scored), `held out` of it, or `new`. */
export interface DonorStanding {
  readonly status: 'seen' | 'held out' | 'new';
  /** The study of the training data the donor's file looks like; null = none. */
  readonly study: string | null;
}

export type DonorLists = Pick<TrainingRecord, 'trainingDonors' | 'heldOutDonors'> &
  Partial<Pick<TrainingRecord, 'validationDonors'>>;

/**
 * Compares a file's donors with those of the training data. Donor ids are short and studies number
 * theirs alike, so a file counts as a study's only when at least two of its donors, or half of them,
 * are on that study's lists. A donor on any training or validation list is `seen` all the same: in doubt a donor is
 * left out of the scores rather than counted.
 */
export function donorStandings(
  donors: readonly string[],
  lists: DonorLists | null,
): Map<string, DonorStanding> {
  if (lists === null) return new Map(donors.map((donor) => [donor, { status: 'new', study: null }]));
  const { trainingDonors, heldOutDonors, validationDonors = {} } = lists;
  const names = [...new Set([trainingDonors, validationDonors, heldOutDonors].flatMap(Object.keys))];
  const studies = names
    .map((name) => {
      const training = new Set(
        [...(trainingDonors[name] ?? []), ...(validationDonors[name] ?? [])].map(donorKey),
      );
      const heldOut = new Set((heldOutDonors[name] ?? []).map(donorKey));
      const overlap = donors.filter((donor) =>
        donorKeys(donor).some((key) => training.has(key) || heldOut.has(key)),
      ).length;
      return { name, training, heldOut, overlap };
    })
    .sort((a, b) => b.overlap - a.overlap);
  const best = studies[0];
  const ofFile = best !== undefined && looksLike(best.overlap, donors.length) ? best.name : null;
  return new Map(
    donors.map((donor): [string, DonorStanding] => {
      const keys = donorKeys(donor);
      const seenIn = studies.find((study) => keys.some((key) => study.training.has(key)));
      if (seenIn !== undefined) return [donor, { status: 'seen', study: seenIn.name }];
      const heldOutOf = studies.find(
        (study) => looksLike(study.overlap, donors.length) && keys.some((key) => study.heldOut.has(key)),
      );
      if (heldOutOf !== undefined) return [donor, { status: 'held out', study: heldOutOf.name }];
      return [donor, { status: 'new', study: ofFile }];
    }),
  );
}

function looksLike(overlap: number, donors: number): boolean {
  return overlap >= 2 || (overlap > 0 && overlap / donors >= 0.5);
}

function donorKey(id: string): string {
  return id.trim().toLowerCase();
}

/** The id itself and its longer parts: `S00006-Ja005E-PBCa` is donor `S00006`. */
function donorKeys(id: string): readonly string[] {
  const key = donorKey(id);
  const parts = key.split(/[^\p{L}\p{N}]+/u).filter((part) => part.length >= 4 && /\d/.test(part));
  return [key, ...parts];
}
