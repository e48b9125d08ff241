import { Table, Text } from '@mantine/core';
import { type Compared, methodRows } from '../../report/table.ts';
import { METRIC_NAMES, METRICS } from '../../report/words.ts';

/** Every method on the same cells: the probe first, what it must beat below, each with how sure it is. */
export function MethodsTable({ evaluation }: { readonly evaluation: Compared }) {
  return (
    <Table.ScrollContainer minWidth={980}>
      <Table fz="sm" verticalSpacing={6} horizontalSpacing="xs" data-testid="methods-table">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Method</Table.Th>
            {METRICS.map((metric) => (
              <Table.Th key={metric} ta="right">
                {METRIC_NAMES[metric]}
              </Table.Th>
            ))}
            <Table.Th ta="right">cells</Table.Th>
            <Table.Th ta="right">donors</Table.Th>
            <Table.Th miw={165}>how sure</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {methodRows(evaluation).map((row, i) => (
            <Table.Tr key={row.name} data-method={row.id}>
              <Table.Th scope="row" fw={i === 0 ? 700 : 500} miw={135}>
                {row.name}
              </Table.Th>
              {row.figures.map(({ metric, value, interval }) => (
                <Table.Td
                  key={metric}
                  ta="right"
                  data-metric={metric}
                  style={{ fontVariantNumeric: 'tabular-nums' }}
                >
                  {value}
                  <Under note={interval} />
                </Table.Td>
              ))}
              <Table.Td ta="right">
                {row.answered}
                <Under note={row.unanswered} />
              </Table.Td>
              <Table.Td ta="right">
                {row.donors}
                <Under note={row.donorsRight} />
              </Table.Td>
              <Table.Td className={row.noClaim ? 'warn-text' : ''} data-testid="how-sure">
                {row.claim}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** A small line under a figure. */
function Under({ note }: { readonly note: string | null }) {
  return (
    note && (
      <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {note}
      </Text>
    )
  );
}
