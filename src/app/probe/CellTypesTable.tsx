import { Table } from '@mantine/core';
import type { MethodResult } from '../../probe/results.ts';
import { count, figure } from '../../report/numbers.ts';

/** The figures within each cell type, most cells first. */
export function CellTypesTable({ method }: { readonly method: MethodResult }) {
  const types = [...method.byCellType].sort((a, b) => b.n - a.n);
  return (
    <Table.ScrollContainer minWidth={520} maxHeight={420}>
      <Table fz="sm" verticalSpacing={4} w="auto" data-testid="probe-cell-type-table">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Cell type</Table.Th>
            <Table.Th ta="right">Cells</Table.Th>
            <Table.Th ta="right">Accuracy</Table.Th>
            <Table.Th ta="right">Balanced accuracy</Table.Th>
            <Table.Th ta="right">Macro F1</Table.Th>
            <Table.Th ta="right">AUROC</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {types.map(({ name, n, metrics }) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td ta="right">{count(n)}</Table.Td>
              <Table.Td ta="right">{figure(metrics.accuracy)}</Table.Td>
              <Table.Td ta="right">{figure(metrics.balancedAccuracy)}</Table.Td>
              <Table.Td ta="right">{figure(metrics.f1Macro)}</Table.Td>
              <Table.Td ta="right">{figure(metrics.auroc)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
