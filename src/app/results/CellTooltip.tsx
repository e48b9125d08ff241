import { Text } from '@mantine/core';
import type { CellResults } from '../../run/services.ts';
import { valueAt } from '../common/column.ts';
import { formatCount, formatName, formatPercent } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import { NotForDiagnosis } from './NotForDiagnosis.tsx';
import { rankedClasses } from './predictions.ts';
import { useColourBy } from './use-colouring.ts';
import { shortReason } from './withheld.ts';

/** A few lines about the cell under the pointer. */
export function CellTooltip({ results, index }: { readonly results: CellResults; readonly index: number }) {
  const colourBy = useColourBy();
  const columns = useApp((state) => state.columns);
  const oneStudy = useApp((state) => state.model?.training?.classesSeenInOneStudyOnly);
  const row = results.rows[index];
  const predictions = Object.entries(results.predictions);
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
      {predictions.length > 0 && results.withheld[index] !== 0 ? (
        <Text size="xs">predictions withheld: {shortReason(results.withheld[index])}</Text>
      ) : (
        predictions.map(([name, prediction]) => {
          const [best] = rankedClasses(prediction, index);
          return best ? (
            <Text size="xs" key={name}>
              {formatName(name)}: {best.name} ({formatPercent(best.probability)}
              {oneStudy?.[name]?.includes(best.name) && ', one study only'})
            </Text>
          ) : null;
        })
      )}
      {predictions.length > 0 && results.withheld[index] === 0 && <NotForDiagnosis />}
    </div>
  );
}
