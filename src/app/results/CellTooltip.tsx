import { Text } from '@mantine/core';
import type { CellResults } from '../../run/results.ts';
import { valueAt } from '../common/column.ts';
import { formatCount, formatPercent, formatPrediction } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import { NotForDiagnosis } from './NotForDiagnosis.tsx';
import { headNames, rankedClasses, withheldOf } from './predictions.ts';
import { useColourBy } from './use-colouring.ts';
import { shortReason } from './withheld.ts';

/** A few lines about the cell under the pointer. */
export function CellTooltip({ results, index }: { readonly results: CellResults; readonly index: number }) {
  const colourBy = useColourBy();
  const columns = useApp((state) => state.columns);
  const oneStudy = useApp((state) => state.model?.training?.classesSeenInOneStudyOnly);
  const row = results.rows[index];
  const shown = Object.entries(results.predictions).filter(
    ([name]) => withheldOf(results, name)[index] === 0,
  );
  const column = colourBy?.kind === 'obs' ? colourBy.name : null;
  const recorded = column === null ? undefined : columns[column];
  return (
    <div>
      <Text size="xs" fw={600}>
        cell {formatCount(row)}
      </Text>
      {recorded && (
        <Text size="xs">
          {column}: {valueAt(recorded, row) ?? 'missing'}
        </Text>
      )}
      {headNames(results).length > 0 && results.withheld[index] !== 0 && (
        <Text size="xs">predictions withheld: {shortReason(results.withheld[index])}</Text>
      )}
      {shown.map(([name, prediction]) => {
        const [best] = rankedClasses(prediction, index);
        return best ? (
          <Text size="xs" key={name}>
            {formatPrediction(name)}: {best.name} ({formatPercent(best.probability)}
            {oneStudy?.[name]?.includes(best.name) && ', one study only'})
          </Text>
        ) : null;
      })}
      {shown.length > 0 && <NotForDiagnosis />}
    </div>
  );
}
