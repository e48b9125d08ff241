import { Alert, Select, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { isReadable } from '../../data/choose-counts.ts';
import { formatCount } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { useApp } from '../state/store.ts';

/** Which matrix is read as raw counts, and why; the user may take another. */
export function MatrixPanel() {
  const summary = useApp((state) => state.summary);
  const matrix = useApp((state) => state.matrix);
  const chooseMatrix = useApp((state) => state.chooseMatrix);
  if (!summary) return null;
  const offered = summary.scans.some(({ offer }) => offer !== undefined);
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
            The model ranks genes by raw counts; normalised or scaled values give other ranks.{' '}
            {offered
              ? 'What comes nearest can be chosen below; nothing is read before you do. Better: save'
              : 'Save'}{' '}
            the counts in raw or in layers['counts'] and drop the file again.
          </Text>
        </Alert>
      )}
      <Select
        label="Matrix read as counts"
        placeholder="none"
        data={summary.scans.map((scan) => ({
          value: scan.matrix.name,
          label: `${scan.matrix.name} — ${scan.finding}${scan.offer ? ' (not chosen by itself)' : ''}`,
          // Other values would give predictions that look like results and are none.
          disabled: !isReadable(scan),
        }))}
        value={matrix}
        onChange={(value) => value && void chooseMatrix(value)}
        allowDeselect={false}
        data-testid="matrix-select"
      />
      {chosen?.offer && (
        <Alert color="yellow" icon={<IconAlertTriangle size={20} aria-hidden />} data-testid="matrix-offer">
          <Text size="sm">{chosen.offer}</Text>
        </Alert>
      )}
      {summary.emptyNote && (
        <Alert color="orange" icon={<IconAlertTriangle size={20} aria-hidden />} data-testid="empty-note">
          <Text size="sm">{summary.emptyNote}</Text>
        </Alert>
      )}
      {chosen && (
        <Text size="sm" c="dimmed" data-testid="matrix-finding">
          Stored {chosen.matrix.storage === 'dense' ? 'dense' : chosen.matrix.storage.toUpperCase()},{' '}
          {formatCount(chosen.matrix.stored)} values.
        </Text>
      )}
    </Panel>
  );
}
