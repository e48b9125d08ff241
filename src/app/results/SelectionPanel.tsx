import { Button, Group, Select, Table, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { CellResults } from '../../run/results.ts';
import { valueAt } from '../common/column.ts';
import { formatCount, formatPercent, formatPrediction } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { useColumn } from '../common/use-column.ts';
import { ExportMenu } from '../export/ExportMenu.tsx';
import { useApp } from '../state/store.ts';
import { countBy } from './count-by.ts';
import { NotForDiagnosis } from './NotForDiagnosis.tsx';
import { OneStudyMark } from './OneStudyMark.tsx';
import { predictedClass, withheldOf } from './predictions.ts';

/** Rows of the composition shown. */
const MOST = 12;

/** What the lassoed cells are, and their export. */
export function SelectionPanel({ results }: { readonly results: CellResults }) {
  const selection = useApp((state) => state.selection);
  const select = useApp((state) => state.select);
  const obsColumns = useApp((state) => state.summary?.obsColumns);
  const donorColumn = useApp((state) => state.donorColumn);
  const predicted = Object.keys(results.predictions);
  const [by, setBy] = useState<string>(predicted.length ? `p:${predicted[0]}` : `o:${donorColumn ?? ''}`);
  const column = useColumn(by.startsWith('o:') && by.length > 2 ? by.slice(2) : null);
  const rows = useMemo(() => {
    if (!selection) return [];
    const prediction = by.startsWith('p:') ? results.predictions[by.slice(2)] : undefined;
    return countBy(selection, (i) => {
      if (prediction) {
        return withheldOf(results, by.slice(2))[i]
          ? 'withheld'
          : (prediction.classes[predictedClass(prediction, i)] ?? '(none)');
      }
      return column ? (valueAt(column, results.rows[i]) ?? '(missing)') : '…';
    });
  }, [selection, by, results, column]);
  if (!selection) return null;

  return (
    <Panel
      title={`${formatCount(selection.length)} cells selected`}
      testId="selection-panel"
      aside={
        <Button size="compact-xs" variant="subtle" onClick={() => select(null)} data-testid="clear-selection">
          Clear
        </Button>
      }
    >
      <Select
        size="xs"
        label="By"
        searchable
        data={[
          {
            group: 'Predicted',
            items: predicted.map((name) => ({
              value: `p:${name}`,
              label: `predicted ${formatPrediction(name)}`,
            })),
          },
          {
            group: 'Recorded',
            items: (obsColumns ?? []).map((name) => ({ value: `o:${name}`, label: name })),
          },
        ]}
        value={by}
        onChange={(value) => value && setBy(value)}
        allowDeselect={false}
      />
      <Table fz="sm" verticalSpacing={3} data-testid="selection-counts">
        <Table.Tbody>
          {rows.slice(0, MOST).map(({ value, count }) => (
            <Table.Tr key={value}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>
                {value} {by.startsWith('p:') && <OneStudyMark annotation={by.slice(2)} label={value} />}
              </Table.Td>
              <Table.Td ta="right">{formatCount(count)}</Table.Td>
              <Table.Td ta="right" c="dimmed">
                {formatPercent(count / selection.length)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rows.length > MOST && (
        <Text size="xs" c="dimmed">
          and {formatCount(rows.length - MOST)} more values
        </Text>
      )}
      {by.startsWith('p:') && <NotForDiagnosis />}
      <Group>
        <ExportMenu results={results} only={selection} label="Export selection" />
      </Group>
    </Panel>
  );
}
