import { Alert, Select, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { formatCount } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { useApp } from '../state/store.ts';

/** Which matrix is read as raw counts, and why; the user may take another. */
export function MatrixPanel() {
  const summary = useApp((state) => state.summary);
  const matrix = useApp((state) => state.matrix);
  const chooseMatrix = useApp((state) => state.chooseMatrix);
  if (!summary) return null;
  const chosen = summary.scans.find((scan) => scan.matrix.name === matrix);
  return (
    <Panel title="Counts" note={summary.reason} testId="matrix-panel">
      {summary.counts === null && (
        <Alert
          color="orange"
          icon={<IconAlertTriangle size={20} aria-hidden />}
          title="No matrix of this file holds raw counts"
          data-testid="no-counts"
        >
          <Text size="sm">
            The model ranks genes by raw counts; normalised or scaled values give other ranks. Save the counts
            in raw or in layers['counts'] and drop the file again.
          </Text>
        </Alert>
      )}
      <Select
        label="Matrix read as counts"
        placeholder="none"
        data={summary.scans.map((scan) => ({
          value: scan.matrix.name,
          label: `${scan.matrix.name} — ${scan.finding}`,
          // Other values would give predictions that look like results and are none.
          disabled: !scan.counts,
        }))}
        value={matrix}
        onChange={(value) => value && void chooseMatrix(value)}
        allowDeselect={false}
        data-testid="matrix-select"
      />
      {chosen && (
        <Text size="sm" c="dimmed" data-testid="matrix-finding">
          Stored {chosen.matrix.storage === 'dense' ? 'dense' : chosen.matrix.storage.toUpperCase()},{' '}
          {formatCount(chosen.matrix.stored)} values.
        </Text>
      )}
    </Panel>
  );
}
