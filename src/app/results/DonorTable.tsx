import { Badge, Group, Progress, Table, Text } from '@mantine/core';
import type { DonorRow } from '../../analysis/scores.ts';
import { formatCount, formatPercent } from '../common/format.ts';
import { OneStudyMark } from './OneStudyMark.tsx';
import type { AnnotationScores } from './use-scores.ts';

interface DonorTableProps {
  readonly annotation: string;
  readonly scored: AnnotationScores;
}

/** One line a donor: predicted class with mean probability and spread, the recorded label beside it. */
export function DonorTable({ annotation, scored: { scores, classes } }: DonorTableProps) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table fz="sm" verticalSpacing={6} data-testid="donor-table">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Donor</Table.Th>
            <Table.Th>Predicted</Table.Th>
            <Table.Th>Mean probability</Table.Th>
            <Table.Th>5–95 % of cells</Table.Th>
            <Table.Th ta="right">Cells</Table.Th>
            <Table.Th>Recorded</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {scores.rows.map((row) => (
            <Table.Tr key={row.donor} data-donor={row.donor}>
              <Table.Td>
                <Group gap={6}>
                  <Text size="sm" fw={600}>
                    {row.donor}
                  </Text>
                  <Standing row={row} />
                </Group>
              </Table.Td>
              <PredictedCells row={row} annotation={annotation} classes={classes} />
              <Table.Td ta="right">
                {formatCount(row.shown)}
                {row.shown < row.cells && (
                  <Text span size="xs" c="dimmed">
                    {' '}
                    of {formatCount(row.cells)}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>{recordedLabel(row, classes)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Standing({ row }: { readonly row: DonorRow }) {
  if (row.standing.status === 'seen') {
    return (
      <Badge size="xs" variant="light" color="grape" tt="none" data-testid="seen-in-training">
        seen in training
      </Badge>
    );
  }
  if (row.standing.status === 'held out') {
    return (
      <Badge size="xs" variant="light" color="gray" tt="none" data-testid="held-out">
        held out
      </Badge>
    );
  }
  return null;
}

interface PredictedCellsProps {
  readonly row: DonorRow;
  readonly annotation: string;
  readonly classes: readonly string[];
}

function PredictedCells({ row, annotation, classes }: PredictedCellsProps) {
  const label = classes[row.predicted];
  if (label === undefined) {
    return (
      <Table.Td colSpan={3} c="dimmed">
        withheld for every cell
      </Table.Td>
    );
  }
  const mean = row.mean[row.predicted];
  return (
    <>
      <Table.Td data-testid="donor-predicted">
        <Group gap={6}>
          {label} <OneStudyMark annotation={annotation} label={label} />
        </Group>
      </Table.Td>
      <Table.Td>
        <Group gap={8} wrap="nowrap">
          <Progress
            value={mean * 100}
            size={6}
            w={70}
            aria-label={`mean probability ${formatPercent(mean)}`}
          />
          <Text size="sm" data-testid="donor-mean" style={{ fontVariantNumeric: 'tabular-nums' }}>
            {mean.toFixed(2)} ± {row.sd[row.predicted].toFixed(2)}
          </Text>
        </Group>
      </Table.Td>
      <Table.Td c="dimmed">
        {row.low[row.predicted].toFixed(2)}–{row.high[row.predicted].toFixed(2)}
      </Table.Td>
    </>
  );
}

function recordedLabel(row: DonorRow, classes: readonly string[]): string {
  if (row.mixed) return 'several';
  return classes[row.recorded] ?? 'not recorded';
}
