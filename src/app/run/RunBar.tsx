import { Paper, Text } from '@mantine/core';
import { ErrorNotice } from '../common/ErrorNotice.tsx';
import { formatCount, formatDuration } from '../common/format.ts';
import { StoppableProgress } from '../common/StoppableProgress.tsx';
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

  return (
    <>
      {error && <ErrorNotice sentence={error} testId="run-error" onClose={dismiss} />}
      {(phase === 'embedding' || phase === 'layout') && (
        <Paper withBorder radius="lg" p="sm" data-testid="run-bar" data-phase={phase}>
          <StoppableProgress
            status={phase === 'embedding' ? <EmbeddingStatus /> : <LayoutStatus />}
            progress={progress}
            label={phase === 'embedding' ? 'Cells embedded' : 'UMAP'}
            onStop={cancel}
            stopLabel={phase === 'embedding' ? 'Stop and keep these cells' : 'Stop the layout'}
            testName="run"
          />
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
