import type { Dataset, MatrixName } from './dataset.ts';
import { DataError } from './errors.ts';
import { type CountUnit, recoverCounts } from './log-counts.ts';

/** Ends the name of counts recovered from a log-normalised matrix: `X:expm1`. */
const RECOVERED = ':expm1';

/** The name under which the counts behind a log-normalised matrix are read. */
export function recoveredName(matrix: MatrixName): MatrixName {
  return `${matrix}${RECOVERED}`;
}

/**
 * A dataset in which `<matrix>:expm1` names the counts recovered from a log-normalised matrix, for those
 * that the scan found to be such; everything else is the dataset's.
 * @param units of the recoverable matrices, by the name of what is stored
 */
export function withRecoveredCounts(dataset: Dataset, units: ReadonlyMap<MatrixName, CountUnit>): Dataset {
  if (units.size === 0) return dataset;
  const storedName = (matrix: MatrixName): MatrixName => {
    const stored = matrix.endsWith(RECOVERED) ? matrix.slice(0, -RECOVERED.length) : matrix;
    return units.has(stored) ? stored : matrix;
  };
  return {
    ...dataset,
    varNames: (matrix) => dataset.varNames(storedName(matrix)),
    varColumns: (matrix) => dataset.varColumns(storedName(matrix)),
    varColumn: (matrix, name) => dataset.varColumn(storedName(matrix), name),
    async rows(matrix, start, end) {
      const stored = storedName(matrix);
      const block = await dataset.rows(stored, start, end);
      const unit = units.get(stored);
      if (stored === matrix || unit === undefined) return block;
      const recovered = recoverCounts(block, unit);
      if (!('failedRow' in recovered)) return recovered;
      throw new DataError(
        'not-recoverable',
        `the values of ${stored} in row ${start + recovered.failedRow} are not the logarithm of scaled counts`,
        stored,
      );
    },
  };
}
