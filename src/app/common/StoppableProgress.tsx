import { Button, Group, Progress, Text } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface StoppableProgressProps {
  /** What is being done and how far it is; read out as it changes. */
  readonly status: ReactNode;
  /** Null, or no total: not known yet, drawn as nothing done. */
  readonly progress: { readonly done: number; readonly total?: number } | null;
  /** What the bar measures, for those who cannot see it. */
  readonly label: string;
  readonly onStop: () => void;
  readonly stopLabel?: string;
  /** The status is found by NAME-status, the button by cancel-NAME. */
  readonly testName: string;
}

/** How far long work is, and the button that stops it. */
export function StoppableProgress({
  status,
  progress,
  label,
  onStop,
  stopLabel = 'Stop',
  testName,
}: StoppableProgressProps) {
  const share = progress?.total ? progress.done / progress.total : 0;
  return (
    <div>
      <Group justify="space-between" gap="sm" mb={6}>
        <Text size="sm" role="status" aria-live="polite" data-testid={`${testName}-status`}>
          {status}
        </Text>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlayerStop size={15} aria-hidden />}
          onClick={onStop}
          data-testid={`cancel-${testName}`}
        >
          {stopLabel}
        </Button>
      </Group>
      <Progress value={share * 100} aria-label={label} />
    </div>
  );
}
