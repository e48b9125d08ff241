import { Alert, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useEffect } from 'react';
import { formatCount } from '../common/format.ts';
import { useApp } from '../state/store.ts';

/** On the start page: trainings that were interrupted, and what to open to go on with them. */
export function UnfinishedNote() {
  const runs = useApp((state) => state.unfinished);
  const look = useApp((state) => state.lookForUnfinished);
  useEffect(() => void look(), [look]);
  if (runs.length === 0) return null;
  return (
    <Alert
      color="blue"
      variant="light"
      icon={<IconHistory size={20} aria-hidden />}
      title="Unfinished fine-tuning"
      data-testid="unfinished-note"
    >
      {runs.map(({ key, config, step, steps }) => (
        <Text key={key} size="sm" style={{ overflowWrap: 'anywhere' }}>
          {config.name} stopped after step {formatCount(step)} of {formatCount(steps)}: open{' '}
          {config.data[0].files.join(', ')} and embed a few cells to go on with it.
        </Text>
      ))}
    </Alert>
  );
}
