import { Badge, Group, Table, Text } from '@mantine/core';
import type { Evaluation, MethodResult } from '../../probe/results.ts';
import { donorLines } from '../../report/table.ts';

interface DonorsTableProps {
  readonly evaluation: Pick<Evaluation, 'classes' | 'seenGroups'>;
  readonly method: MethodResult;
}

/** One line a donor; donors whose labels the model has seen carry no figure. */
export function DonorsTable({ evaluation, method }: DonorsTableProps) {
  const lines = donorLines(evaluation, method);
  if (lines.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        The file names no donors.
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={620} maxHeight={420}>
      <Table fz="sm" verticalSpacing={5} w="auto" data-testid="probe-donors">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Donor</Table.Th>
            <Table.Th>Recorded</Table.Th>
            <Table.Th>Predicted</Table.Th>
            <Table.Th ta="right">Share of cells right</Table.Th>
            <Table.Th ta="right">Mean probability of what is recorded</Table.Th>
            <Table.Th ta="right">Cells</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr
              key={line.name}
              data-donor={line.name}
              data-seen={line.seen}
              {...(line.seen ? { c: 'dimmed' } : {})}
            >
              <Table.Td>
                <Group gap={6}>
                  {line.name}
                  {line.seen && (
                    <Badge size="xs" variant="light" color="grape" tt="none">
                      seen in training
                    </Badge>
                  )}
                </Group>
              </Table.Td>
              <Table.Td>{line.recorded}</Table.Td>
              <Table.Td>{line.predicted}</Table.Td>
              <Table.Td ta="right">{line.accuracy}</Table.Td>
              <Table.Td ta="right">{line.probability}</Table.Td>
              <Table.Td ta="right">{line.cells}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
