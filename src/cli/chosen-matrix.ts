import { isReadable } from '../data/choose-counts.ts';
import { DataError } from '../data/errors.ts';
import { RunError } from '../run/errors.ts';
import type { DatasetSummary } from '../run/services.ts';

/** The matrix of counts: the one wished for, else the one found. @throws DataError, RunError 'no-counts' */
export function chosenMatrix(summary: DatasetSummary, wish: string | null): string {
  if (summary.nObs === 0) throw new DataError('no-cells', 'the file has no cells');
  if (wish !== null) {
    const scan = summary.scans.find(({ matrix }) => matrix.name === wish);
    const names = summary.scans.map(({ matrix }) => matrix.name).join(', ');
    if (!scan) throw new RunError('no-counts', `the file has no matrix ${wish}, only ${names}`, wish);
    if (!isReadable(scan))
      throw new RunError('no-counts', `${wish} does not hold raw counts: ${scan.finding}`, wish);
    return wish;
  }
  if (summary.counts === null) {
    const ways = summary.scans
      .filter(isReadable)
      .map(({ matrix, offer }) => `--matrix '${matrix.name}': ${offer}`);
    throw new RunError('no-counts', [summary.reason, ...ways].join('\n'));
  }
  return summary.counts;
}
