import type { DonorStanding } from './donors.ts';
import { commonest, type ScoreInput } from './score-input.ts';

/** Where a guess comes from. */
export type GuessSource = 'training' | 'seen donors of this file' | 'the tested cells';

/** Classes guessed without looking at any gene. */
export interface Guesses {
  readonly overall: { readonly class: number; readonly from: GuessSource };
  readonly ofStudy: {
    readonly from: GuessSource;
    /** undefined = a study training never saw: the overall guess stands in. */
    readonly class: (study: string | null) => number | undefined;
  } | null;
}

/** The classes the two baselines guess: from the training record, else from what this file tells. */
export function guessedClasses(
  input: ScoreInput,
  tested: readonly number[],
  standingOf: (i: number) => DonorStanding,
): Guesses {
  const record = input.training?.trainingClassCounts?.[input.annotation];
  if (record !== undefined) {
    const totals = new Float64Array(input.classes.length);
    const ofStudy = new Map<string | null, number>();
    for (const [study, counts] of Object.entries(record)) {
      const own = input.classes.map((name) => counts[name] ?? 0);
      own.forEach((count, c) => {
        totals[c] = (totals[c] as number) + count;
      });
      const most = commonest(own);
      if (most >= 0) ofStudy.set(study, most);
    }
    return {
      overall: { class: commonest(totals), from: 'training' },
      ofStudy: { from: 'training', class: (study) => ofStudy.get(study) },
    };
  }
  const counts = new Float64Array(input.classes.length);
  for (const i of tested) {
    const label = input.recorded?.[i] as number;
    counts[label] = (counts[label] as number) + 1;
  }
  const overall = { class: commonest(counts), from: 'the tested cells' } as const;
  // The file's own seen donors are training cells of their study, where it holds any.
  const seen = new Map<string | null, Float64Array>();
  for (let i = 0; i < input.withheld.length; i++) {
    const standing = standingOf(i);
    const label = input.recorded?.[i] ?? -1;
    if (standing.status !== 'seen' || label < 0) continue;
    const own = seen.get(standing.study) ?? new Float64Array(input.classes.length);
    own[label] = (own[label] as number) + 1;
    seen.set(standing.study, own);
  }
  if (seen.size === 0) return { overall, ofStudy: null };
  return {
    overall,
    ofStudy: {
      from: 'seen donors of this file',
      class: (study) => {
        const own = seen.get(study);
        return own === undefined ? undefined : commonest(own);
      },
    },
  };
}
