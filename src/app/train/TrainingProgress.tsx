import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { IconFlag, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { formatCount, formatDuration } from '../common/format.ts';
import { StoppableProgress } from '../common/StoppableProgress.tsx';
import { useApp } from '../state/store.ts';
import type { TrainView } from '../state/train-view.ts';

/** Drawing comes with a library of its own. */
const LivePlots = lazy(() => import('./LivePlots.tsx').then(({ LivePlots: plots }) => ({ default: plots })));

/** A training under way: how far it is, its curves, and the ways to hold, end or drop it. */
export function TrainingProgress({ view }: { readonly view: TrainView }) {
  const cancel = useApp((state) => state.cancelTraining);
  const pause = useApp((state) => state.pauseTraining);
  const stop = useApp((state) => state.stopTraining);
  const fail = useApp((state) => state.failTraining);
  const auditing = useApp((state) => state.auditProgress !== null);
  const { progress, latest, paused, stopping, started } = view;
  const ended = started !== null && latest !== null && latest.step === latest.steps;
  const stepping = started !== null && progress === null && !ended && !stopping;
  return (
    <Stack
      gap="sm"
      data-testid="training-view"
      data-step={latest?.step ?? 0}
      data-loss={latest?.losses.total}
      data-paused={paused}
    >
      <StoppableProgress
        status={auditing ? 'Looking for duplicate cells…' : statusOf(view)}
        progress={progress ?? (latest && { done: latest.step, total: latest.steps })}
        label="Progress of the fine-tuning"
        onStop={cancel}
        stopLabel="Cancel"
        testName="training"
      />
      <Group gap="xs">
        <Button
          size="compact-sm"
          variant="default"
          leftSection={
            paused ? <IconPlayerPlay size={15} aria-hidden /> : <IconPlayerPause size={15} aria-hidden />
          }
          onClick={() => void pause(!paused).catch(fail)}
          disabled={!stepping}
          data-testid="pause-training"
        >
          {paused ? 'Go on' : 'Pause'}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconFlag size={15} aria-hidden />}
          onClick={() => void stop().catch(fail)}
          disabled={!stepping}
          title="Ends here, keeps the best weights, opens the test and makes the package"
          data-testid="stop-training"
        >
          End and test
        </Button>
        <Text size="sm" c="dimmed" data-testid="training-checkpoint">
          {view.checkpoint === null
            ? 'Checkpoints of this training are kept in this browser until it ends.'
            : `Checkpoint of step ${formatCount(view.checkpoint)} is kept in this browser: a reload goes on from it.`}
        </Text>
      </Group>
      {view.notices.length > 0 && (
        <Alert color="gray" variant="light" data-testid="training-notices">
          <List size="sm" spacing={2}>
            {view.notices.map((notice) => (
              <List.Item key={notice}>{notice}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {view.points.length + view.validations.length > 0 && (
        <Suspense
          fallback={
            <Text size="sm" c="dimmed">
              Drawing…
            </Text>
          }
        >
          <LivePlots view={view} />
        </Suspense>
      )}
    </Stack>
  );
}

function statusOf({ progress, latest, started, paused, stopping, config }: TrainView): string {
  if (paused && !stopping) return `Held after step ${formatCount(latest?.step ?? 0)}.`;
  if (progress) {
    const { stage, done, total, unit } = progress;
    if (unit === 'bytes') return `${stage}…`;
    return `${stage}: ${formatCount(done)}${total === undefined ? '' : ` of ${formatCount(total)}`} ${unit}`;
  }
  if (!started) return 'Reading cells and labels…';
  if (!latest) return 'The first step…';
  if (stopping || latest.step === latest.steps) return 'Opening the test…';
  return [
    `Step ${formatCount(latest.step)} of ${formatCount(latest.steps)}, epoch ${latest.epoch} of ${config.epochs}`,
    `loss ${latest.losses.total.toPrecision(3)}`,
    `${formatRate(latest.cellsPerSecond)} cells/s`,
    `about ${formatDuration(latest.secondsLeft)} left`,
  ].join(' · ');
}

function formatRate(value: number): string {
  return value >= 10 ? formatCount(value) : value.toFixed(1);
}
