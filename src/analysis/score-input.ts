import type { TrainingRecord } from '../model/training-record.ts';
import type { DonorLists } from './donors.ts';
import type { RecordedLabels } from './labels.ts';

/** What is scored: one annotation of n embedded cells. */
export interface ScoreInput {
  readonly annotation: string;
  readonly classes: readonly string[];
  /** [n, classes] */
  readonly probabilities: Float32Array;
  /** [n] not 0 = withheld: shown to nobody, so scored for nobody. */
  readonly withheld: Uint8Array;
  /** [n] index into `classes`, −1 = no recorded label; null = no label column. */
  readonly recorded: Int32Array | null;
  /** Donor of each cell; null = the file names none. */
  readonly donors: RecordedLabels | null;
  /** null = a package without a training record. */
  readonly training: (DonorLists & Pick<TrainingRecord, 'trainingClassCounts'>) | null;
}

/** Index of the greatest count above 0, the first of equals; −1 where all are 0 or NaN. */
export function commonest(counts: ArrayLike<number>): number {
  let best = -1;
  for (let c = 0; c < counts.length; c++) {
    if ((counts[c] as number) > 0 && (best < 0 || (counts[c] as number) > (counts[best] as number))) best = c;
  }
  return best;
}
