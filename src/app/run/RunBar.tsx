import { Button, Group, Paper, Progress, Text } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { ErrorNotice } from '../common/ErrorNotice.tsx';
import { formatCount, formatDuration } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import { PARTIAL_SENTENCE } from './sentences.ts';

/** Progress with speed and time left, and the button that stops; then one quiet line of what was done. */
export function RunBar() {
  const phase = useApp((state) => state.phase);
  const progress = useApp((state) => state.runProgress);
  const cancel = useApp((state) => state.cancelRun);
  const error = useApp((state) => state.runError);
  const dismiss = useApp((state) => state.dismissRunError);
  const finished = useApp((state) => state.finished);
  const notices = useApp((state) => state.notices);
  const share = progress?.total ? progress.done / progress.total : 0;

  return (
    <>
      {error && <ErrorNotice sentence={error} testId="run-error" onClose={dismiss} />}
      {(phase === 'embedding' || phase === 'layout') && (
        <Paper withBorder radius="lg" p="sm" data-testid="run-bar" data-phase={phase}>
          <Group justify="space-between" gap="sm" mb={6}>
            <Text size="sm" role="status" aria-live="polite" data-testid="run-status">
              {phase === 'embedding' ? <EmbeddingStatus /> : <LayoutStatus />}
            </Text>
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconPlayerStop size={15} aria-hidden />}
              onClick={cancel}
              data-testid="cancel-run"
            >
              {phase === 'embedding' ? 'Stop and keep these cells' : 'Stop the layout'}
            </Button>
          </Group>
          <Progress value={share * 100} aria-label={phase === 'embedding' ? 'Cells embedded' : 'UMAP'} />
        </Paper>
      )}
      {notices.map((notice) => (
        <Text size="sm" key={notice} className="warn-text" role="status" data-testid="run-notice">
          {notice}
        </Text>
      ))}
      {(phase === 'done' || phase === 'cancelled') && finished && (
        <Text size="sm" c="dimmed" role="status" data-testid="run-summary" data-phase={phase}>
          {phase === 'cancelled' && `${PARTIAL_SENTENCE} `}
          {formatCount(finished.cells)} cells in {formatDuration(finished.seconds)} (
          {formatCount(finished.cells / Math.max(finished.seconds, 1e-3))} cells/s) on {finished.engine}.
        </Text>
      )}
    </>
  );
}

function EmbeddingStatus() {
  const progress = useApp((state) => state.runProgress);
  const speed = useApp((state) => state.cellsPerSecond);
  if (!progress) return 'Starting…';
  const left = speed && progress.total ? (progress.total - progress.done) / speed : null;
  return (
    <>
      Embedding: {formatCount(progress.done)} of {formatCount(progress.total ?? 0)} cells
      {speed !== null && ` · ${speed < 10 ? speed.toFixed(1) : formatCount(speed)} cells/s`}
      {left !== null && ` · about ${formatDuration(left)} left`}
    </>
  );
}

function LayoutStatus() {
  const progress = useApp((state) => state.runProgress);
  return (
    <>
      UMAP: {progress ? `${progress.stage}, ` : ''}
      {progress?.total ? `${Math.round((100 * progress.done) / progress.total)} %` : '…'}
    </>
  );
}
