import { Autocomplete, Table, Text } from '@mantine/core';
import { useMemo } from 'react';
import { recordedLabels } from '../../analysis/labels.ts';
import { MOST_LABELS } from '../state/probe-form.ts';
import { formatCount } from './format.ts';
import { useColumn } from './use-column.ts';

interface ClassTableProps {
  readonly column: string | null;
  /** Recorded value → class; null = left out. */
  readonly table: ReadonlyMap<string, string | null>;
  /** Rows of the file whose values count. */
  readonly rows: Uint32Array;
  readonly onClass: (label: string, name: string | null) => void;
  /** The table is found by NAME-table, the note in its place by NAME-too-many. */
  readonly testName: string;
}

/** Recorded values beside their classes: the same name twice merges two, an empty one leaves out. */
export function ClassTable({ column: name, table, rows, onClass, testName }: ClassTableProps) {
  const column = useColumn(name);
  const counted = useMemo(() => {
    if (!column) return null;
    const { labels, codes } = recordedLabels(column, rows);
    const cells = new Uint32Array(labels.length);
    for (const code of codes) if (code >= 0) cells[code]++;
    return new Map(labels.map((label, code) => [label, cells[code]]));
  }, [column, rows]);
  if (name === null || !counted) return null;
  if (table.size === 0) {
    return (
      <Text size="sm" className="warn-text" data-testid={`${testName}-too-many`}>
        {counted.size > MOST_LABELS
          ? `“${name}” has ${formatCount(counted.size)} values among these cells: too many to be classes.`
          : `“${name}” records nothing for these cells.`}
      </Text>
    );
  }
  const names = [...new Set([...table.values(), ...table.keys()])].filter((one) => one !== null);
  return (
    <Table.ScrollContainer minWidth={320} maxHeight={320}>
      <Table fz="sm" verticalSpacing={3} w="auto" data-testid={`${testName}-table`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Recorded</Table.Th>
            <Table.Th ta="right">Cells</Table.Th>
            <Table.Th>Class (empty: left out)</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...table].map(([label, classOf]) => (
            <Table.Tr key={label}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{label}</Table.Td>
              <Table.Td ta="right">{formatCount(counted.get(label) ?? 0)}</Table.Td>
              <Table.Td>
                <Autocomplete
                  size="xs"
                  aria-label={`Class for ${label}`}
                  placeholder="left out"
                  data={names}
                  value={classOf ?? ''}
                  onChange={(value) => onClass(label, value.trim() === '' ? null : value)}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
