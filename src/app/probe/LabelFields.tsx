import { Autocomplete, Select, Stack, Table, Text } from '@mantine/core';
import { useMemo } from 'react';
import { isDerivedColumn, recordedLabels } from '../../analysis/labels.ts';
import type { CellResults } from '../../run/results.ts';
import { formatCount } from '../common/format.ts';
import { useColumn } from '../common/use-column.ts';
import { MOST_LABELS, type ProbeForm } from '../state/probe-form.ts';
import { useApp } from '../state/store.ts';

interface LabelFieldsProps {
  readonly form: ProbeForm;
  readonly results: CellResults;
}

/** The column to predict, and what its values mean as classes. */
export function LabelFields({ form, results }: LabelFieldsProps) {
  const obsColumns = useApp((state) => state.summary?.obsColumns ?? NONE);
  const setColumn = useApp((state) => state.setProbeLabelColumn);
  const fail = useApp((state) => state.failProbe);
  return (
    <Stack gap="xs">
      <Select
        label="Predict"
        description="the obs column that records the answer"
        placeholder="choose a column"
        searchable
        data={[...obsColumns]}
        value={form.labelColumn}
        onChange={(column) => void setColumn(column).catch(fail)}
        maw={420}
        data-testid="probe-label"
      />
      {form.labelColumn !== null && isDerivedColumn(form.labelColumn) && (
        <Text size="sm" className="warn-text">
          “{form.labelColumn}” was made by software, not recorded by people: the probe learns that software.
        </Text>
      )}
      <ClassTable form={form} results={results} />
    </Stack>
  );
}

const NONE: readonly string[] = [];

/** Recorded values beside their classes; a value without a class is left out. */
function ClassTable({ form, results }: LabelFieldsProps) {
  const setClass = useApp((state) => state.setProbeClass);
  const column = useColumn(form.labelColumn);
  const counted = useMemo(() => {
    if (!column) return null;
    const { labels, codes } = recordedLabels(column, results.rows);
    const cells = new Uint32Array(labels.length);
    for (const code of codes) if (code >= 0) cells[code]++;
    return new Map(labels.map((label, code) => [label, cells[code]]));
  }, [column, results.rows]);
  if (form.labelColumn === null || !counted) return null;
  if (form.table.size === 0) {
    return (
      <Text size="sm" className="warn-text" data-testid="probe-too-many">
        {counted.size > MOST_LABELS
          ? `“${form.labelColumn}” has ${formatCount(counted.size)} values among these cells: too many to be classes.`
          : `“${form.labelColumn}” records nothing for these cells.`}
      </Text>
    );
  }
  const names = [...new Set([...form.table.values(), ...form.table.keys()])].filter((name) => name !== null);
  return (
    <Table.ScrollContainer minWidth={320} maxHeight={320}>
      <Table fz="sm" verticalSpacing={3} w="auto" data-testid="probe-table">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Recorded</Table.Th>
            <Table.Th ta="right">Cells</Table.Th>
            <Table.Th>Class (empty: left out)</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...form.table].map(([label, name]) => (
            <Table.Tr key={label}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{label}</Table.Td>
              <Table.Td ta="right">{formatCount(counted.get(label) ?? 0)}</Table.Td>
              <Table.Td>
                <Autocomplete
                  size="xs"
                  aria-label={`Class for ${label}`}
                  placeholder="left out"
                  data={names}
                  value={name ?? ''}
                  onChange={(value) => setClass(label, value.trim() === '' ? null : value)}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
