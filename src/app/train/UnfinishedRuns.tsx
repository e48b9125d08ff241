import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import type { UnfinishedRun } from '../../run/train-service.ts';
import { formatBytes, formatCount } from '../common/format.ts';
import { useApp } from '../state/store.ts';

/** Trainings that a reload, a cancel or a lost GPU has interrupted. */
export function UnfinishedRuns() {
  const runs = useApp((state) => state.unfinished);
  if (runs.length === 0) return null;
  return (
    <Alert
      color="blue"
      variant="light"
      icon={<IconHistory size={20} aria-hidden />}
      title="Unfinished fine-tuning"
      data-testid="unfinished-runs"
    >
      <Stack gap="xs">
        {runs.map((run) => (
          <Run key={run.key} run={run} />
        ))}
      </Stack>
    </Alert>
  );
}

function Run({ run }: { readonly run: UnfinishedRun }) {
  const { config, step, steps, bytes } = run;
  const resume = useApp((state) => state.resumeTraining);
  const discard = useApp((state) => state.discardUnfinished);
  const fail = useApp((state) => state.failTraining);
  const model = useApp((state) => state.model);
  const file = useApp((state) => state.finished?.run.file.name ?? null);
  const [data] = config.data;
  const { base } = config;
  const baseName = base.kind === 'package' ? base.name : base.vocabularyOf;
  const otherFile = !data.files.includes(file ?? '');
  const otherModel = base.kind === 'package' && base.sha256 !== model?.sha256;
  return (
    <Group gap="xs" data-testid="unfinished-run">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {config.name}: step {formatCount(step)} of {formatCount(steps)}, on {data.files.join(', ')},{' '}
        {formatBytes(bytes)}
        {otherFile && '. Open that file to go on'}
        {otherModel && `. Choose the model ${baseName} to go on`}
      </Text>
      <Button
        size="compact-sm"
        disabled={otherFile || otherModel}
        onClick={() => void resume(run)}
        aria-label={`Go on with ${config.name}`}
        data-testid="resume-training"
      >
        Go on
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => void discard(run.key).catch(fail)}
        aria-label={`Delete the checkpoint of ${config.name}`}
        data-testid="discard-training"
      >
        Delete
      </Button>
    </Group>
  );
}
