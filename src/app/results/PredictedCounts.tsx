import { Table, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { CellResults } from '../../run/results.ts';
import { formatCount, formatPercent } from '../common/format.ts';
import { countBy } from './count-by.ts';
import { OneStudyMark } from './OneStudyMark.tsx';
import { predictedClass, withheldOf } from './predictions.ts';

interface PredictedCountsProps {
  readonly results: CellResults;
  readonly annotation: string;
}

/** How many cells are predicted what, where no donor column divides them. */
export function PredictedCounts({ results, annotation }: PredictedCountsProps) {
  const prediction = results.predictions[annotation];
  const counts = useMemo(() => {
    const withheld = withheldOf(results, annotation);
    const shown = [...results.rows.keys()].filter((cell) => withheld[cell] === 0);
    return countBy(shown, (cell) => prediction?.classes[predictedClass(prediction, cell)] ?? '(none)');
  }, [results, prediction, annotation]);
  const shown = counts.reduce((sum, { count }) => sum + count, 0);
  return (
    <div>
      <Text size="sm" c="dimmed">
        No donor column: choose one under “Settings” to see predictions by donor.
      </Text>
      {shown > 0 && (
        <Table fz="sm" verticalSpacing={4} w="auto" data-testid="predicted-counts">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Predicted</Table.Th>
              <Table.Th ta="right">Cells</Table.Th>
              <Table.Th ta="right">Share</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {counts.map(({ value, count }) => (
              <Table.Tr key={value}>
                <Table.Td>
                  {value} <OneStudyMark annotation={annotation} label={value} />
                </Table.Td>
                <Table.Td ta="right">{formatCount(count)}</Table.Td>
                <Table.Td ta="right" c="dimmed">
                  {formatPercent(count / shown)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </div>
  );
}
