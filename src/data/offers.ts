import type { MatrixScan } from './choose-counts.ts';
import type { Dataset, MatrixInfo } from './dataset.ts';
import { type CountUnit, recoverCounts } from './log-counts.ts';
import {
  addRows,
  describeSample,
  emptySample,
  isCounts,
  type MatrixSample,
  scaleOf,
} from './matrix-sample.ts';
import { recoveredName } from './recovered-matrix.ts';
import { sampledRanges } from './sampled-ranges.ts';

/** Fewer values in cells of several genes than this could be whole numbers by chance. */
const LEAST_EVIDENCE = 30;

const BY_SMALLEST =
  'Counts recovered from log-normalised values: undone by expm1 and divided by the smallest value of each cell, ' +
  'which is taken for one count. ';
const CHECKED = 'Every value looked at came out whole; a row that does not stops the run.';
const RECOVERED_OFFERS: Readonly<Record<CountUnit, string>> = {
  count: `Counts recovered from their logarithms by expm1. ${CHECKED}`,
  smallest: BY_SMALLEST + CHECKED,
  'smallest-rounded': `${BY_SMALLEST}The file keeps few decimals, so that counts above a hundred may be off by one. ${CHECKED}`,
};
const FRACTIONAL_OFFER =
  'These are not whole numbers: counts corrected for ambient RNA (SoupX, DecontX), estimated (RSEM, kallisto on ' +
  'Smart-seq2), or normalised without a logarithm. The model was trained on whole counts: ranks by other values ' +
  'may differ, so read its answers with that in mind.';
const NORMALISED_OFFER =
  'Each cell was scaled to the same total without a logarithm. Ranks within a cell do not change by that where ' +
  'nothing else was done to the counts; counts per cell and thresholds on them mean nothing here.';

/** What to know before values that are no whole counts are read as such; empty where they may not be, or are. */
export function offerOf(sample: MatrixSample): Pick<MatrixScan, 'offer'> {
  switch (scaleOf(sample)) {
    case 'fractional-counts':
      return { offer: FRACTIONAL_OFFER };
    case 'scaled-to-total':
      return { offer: NORMALISED_OFFER };
    default:
      return {};
  }
}

/** The counts behind a log-normalised matrix as a matrix of their own, where sampled rows give them all. */
export async function recoverable(
  dataset: Dataset,
  matrix: MatrixInfo,
  signal: AbortSignal | undefined,
): Promise<MatrixScan | null> {
  for (const unit of ['count', 'smallest', 'smallest-rounded'] as const) {
    const sample = await recoveredSample(dataset, matrix, unit, signal);
    if (sample === null) continue;
    return {
      matrix: { ...matrix, name: recoveredName(matrix.name) },
      counts: false,
      finding: `recovered: ${describeSample(sample)}`,
      offer: RECOVERED_OFFERS[unit],
      recoveredIn: unit,
    };
  }
  return null;
}

async function recoveredSample(
  dataset: Dataset,
  matrix: MatrixInfo,
  unit: CountUnit,
  signal: AbortSignal | undefined,
): Promise<MatrixSample | null> {
  const sample = emptySample();
  let evidence = 0;
  for (const [start, end] of sampledRanges(matrix)) {
    signal?.throwIfAborted();
    const counts = recoverCounts(await dataset.rows(matrix.name, start, end), unit);
    if ('failedRow' in counts) return null;
    addRows(sample, counts);
    for (let row = 0; row < counts.rowCount; row++) {
      evidence += Math.max(0, counts.indptr[row + 1] - counts.indptr[row] - 1);
    }
  }
  return isCounts(sample) && sample.largest > 1 && evidence >= LEAST_EVIDENCE ? sample : null;
}
