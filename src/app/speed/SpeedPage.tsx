import { Button, Container, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft, IconGauge } from '@tabler/icons-react';
import { useState } from 'react';
import { ErrorNotice } from '../common/ErrorNotice.tsx';
import { StoppableProgress } from '../common/StoppableProgress.tsx';
import { useApp } from '../state/store.ts';
import { SpeedResult } from './SpeedResult.tsx';

/** Times to choose from, in seconds. */
const TIMES = [
  { value: '20', label: '20 seconds' },
  { value: '60', label: '1 minute' },
  { value: '300', label: '5 minutes' },
] as const;

/** "How fast is this machine?": measures without data or a model, draws and hands out what it found. */
export function SpeedPage() {
  const report = useApp((state) => state.speedReport);
  const busy = useApp((state) => state.speedProgress !== null);
  const error = useApp((state) => state.speedError);
  const measure = useApp((state) => state.measureSpeed);
  const close = useApp((state) => state.closeSpeed);
  const embedding = useApp(({ phase }) => phase === 'embedding' || phase === 'layout');
  const [seconds, setSeconds] = useState<string>(TIMES[0].value);
  return (
    <Container size={880} py={{ base: 'lg', sm: 40 }}>
      <Stack gap="lg">
        <Stack gap={6} align="flex-start">
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            leftSection={<IconArrowLeft size={16} aria-hidden />}
            onClick={close}
            data-testid="close-speed"
          >
            Back
          </Button>
          <Title order={1} fz={{ base: 24, sm: 30 }}>
            How fast is this machine?
          </Title>
          <Text c="dimmed" maw={680}>
            Models of TEDDY’s four sizes with made-up weights read made-up cells of 1,000 genes, on every
            engine this browser has. No file and no model is needed, and nothing is sent anywhere. What is too
            slow for the time is measured in part and counted up, or left out.
          </Text>
        </Stack>
        <Group gap="sm">
          <SegmentedControl
            value={seconds}
            onChange={setSeconds}
            data={[...TIMES]}
            disabled={busy}
            aria-label="Time to measure for"
          />
          {!busy && (
            <Button
              leftSection={<IconGauge size={18} aria-hidden />}
              onClick={() => void measure(Number(seconds))}
              disabled={embedding}
              data-testid="measure-speed"
            >
              {report ? 'Measure again' : 'Measure'}
            </Button>
          )}
        </Group>
        {embedding && <Text size="sm">Cells are being embedded: measure once that is done.</Text>}
        {error && <ErrorNotice sentence={error} testId="speed-error" />}
        {busy && <SpeedProgress />}
        {report && <SpeedResult report={report} complete={!busy} />}
      </Stack>
    </Container>
  );
}

function SpeedProgress() {
  const progress = useApp((state) => state.speedProgress);
  const cancel = useApp((state) => state.cancelSpeed);
  if (!progress) return null;
  const { done, total } = progress;
  return (
    <StoppableProgress
      status={total === 0 ? 'Starting…' : `Measured ${done} of ${total}`}
      progress={progress}
      label="Measurements"
      onStop={cancel}
      testName="speed"
    />
  );
}
