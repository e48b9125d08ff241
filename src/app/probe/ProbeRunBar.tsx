import { Button, Group, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { formatCount, formatDuration } from '../common/format.ts';
import { StoppableProgress } from '../common/StoppableProgress.tsx';
import { missingOf, type ProbeForm } from '../state/probe-form.ts';
import { useApp } from '../state/store.ts';

/** Starts the probe; while it runs, how far it is and the button that stops it. */
export function ProbeRunBar({ form }: { readonly form: ProbeForm }) {
  const probing = useApp((state) => state.probing);
  const run = useApp((state) => state.runProbe);
  const missing = missingOf(form);
  if (probing) return <Running />;
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

function Running() {
  const progress = useApp((state) => state.probeProgress ?? state.auditProgress);
  const cancel = useApp((state) => state.cancelProbe);
  return (
    <StoppableProgress
      status={<Status />}
      progress={progress}
      label="Progress of the probe"
      onStop={cancel}
      testName="probe"
    />
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
