import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { formatCount, formatDuration } from '../common/format.ts';
import { missingOf, type ProbeForm } from '../state/probe-form.ts';
import { useApp } from '../state/store.ts';

/** Starts the probe; while it runs, how far it is and the button that stops it. */
export function ProbeRunBar({ form }: { readonly form: ProbeForm }) {
  const probing = useApp((state) => state.probing);
  const run = useApp((state) => state.runProbe);
  const cancel = useApp((state) => state.cancelProbe);
  const missing = missingOf(form);
  if (probing) {
    return (
      <Stack gap={6} data-testid="probe-running">
        <Group justify="space-between" gap="sm">
          <Text size="sm" role="status" aria-live="polite" data-testid="probe-status">
            <Status />
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlayerStop size={15} aria-hidden />}
            onClick={cancel}
            data-testid="cancel-probe"
          >
            Stop
          </Button>
        </Group>
        <Share />
      </Stack>
    );
  }
  return (
    <Group gap="sm">
      <Button
        leftSection={<IconPlayerPlay size={17} aria-hidden />}
        disabled={missing !== null}
        onClick={() => void run()}
        data-testid="run-probe"
      >
        Run the probe
      </Button>
      {missing && (
        <Text size="sm" className="warn-text" role="status" data-testid="probe-missing">
          {missing}
        </Text>
      )}
    </Group>
  );
}

function Status() {
  const progress = useApp((state) => state.probeProgress);
  const left = useApp((state) => state.probeSecondsLeft);
  const auditing = useApp((state) => state.auditProgress);
  if (auditing && !progress) {
    return (
      <>
        Looking for duplicate cells: {formatCount(auditing.done)}
        {auditing.total !== undefined && ` of ${formatCount(auditing.total)}`}
      </>
    );
  }
  if (!progress) return 'Reading labels and features…';
  const { stage, done, total, unit } = progress;
  return (
    <>
      {stage}: {formatCount(done)}
      {total !== undefined && ` of ${formatCount(total)}`} {unit}
      {left !== null && ` · about ${formatDuration(left)} left`}
    </>
  );
}

function Share() {
  const progress = useApp((state) => state.probeProgress ?? state.auditProgress);
  const share = progress?.total ? progress.done / progress.total : 0;
  return <Progress value={share * 100} aria-label="Progress of the probe" />;
}
