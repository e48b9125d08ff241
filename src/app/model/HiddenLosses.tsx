import { Table, Text, Title } from '@mantine/core';
import type { TrainingRecord } from '../../model/training-record.ts';
import type { LoadedModel } from '../../run/services.ts';

interface HiddenLossesProps {
  readonly losses: TrainingRecord['hiddenLosses'];
  readonly modelType: LoadedModel['config']['modelType'];
}

/** Loss on hidden tokens of held-out donors beside what it must beat; models of two kinds are not compared by it. */
export function HiddenLosses({ losses, modelType }: HiddenLossesProps) {
  const rows = Object.entries(losses);
  if (rows.length === 0) return null;
  const hasBase = rows.some(([, { base }]) => base !== null);
  return (
    <div>
      <Title order={3} fz="sm">
        Loss on hidden tokens of donors it never saw
      </Title>
      <Text size="sm" c="dimmed" mb={6}>
        Smaller is better within a row{hasBase && ': beside the model it goes on from'}, beside guessing by
        how frequent {modelType === 'teddy_g' ? 'genes' : 'values'} are in the study.
        {modelType === 'teddy_x' &&
          ' Tokens stand in the order of expression, so a hidden value lies between those beside it and is easy to tell. A TEDDY-G hides genes: another task, not to be compared with.'}
      </Text>
      <Table.ScrollContainer minWidth={360}>
        <Table fz="sm" verticalSpacing={4} withRowBorders data-testid="hidden-losses">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Study</Table.Th>
              <Table.Th ta="right">Model</Table.Th>
              {hasBase && <Table.Th ta="right">Before</Table.Th>}
              <Table.Th ta="right">By frequency</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(([study, { loss, base, frequencies }]) => (
              <Table.Tr key={study}>
                <Table.Td>{study}</Table.Td>
                <Table.Td ta="right" fw={600}>
                  {loss.toFixed(3)}
                </Table.Td>
                {hasBase && <Table.Td ta="right">{base === null ? '–' : base.toFixed(3)}</Table.Td>}
                <Table.Td ta="right">{frequencies.toFixed(3)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </div>
  );
}
