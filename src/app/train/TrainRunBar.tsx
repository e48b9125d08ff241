import { Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { toldMemory } from '../../run/browser-train.ts';
import type { TrainingEstimate } from '../../train/types.ts';
import { Fact } from '../common/Fact.tsx';
import { formatBytes, formatCount, formatDuration, formatPercent } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import { missingOfTraining, type TrainForm } from '../state/train-form.ts';
import { memoryRefusal } from '../state/train-plan.ts';
import { useTrainingGpu } from './use-training-gpu.ts';

/** What a training will need, and the button that starts it or the sentence why it cannot. */
export function TrainRunBar({ form }: { readonly form: TrainForm }) {
  const estimate = useApp((state) => state.trainEstimate);
  const planned = useApp((state) => state.trainPlan !== null);
  const ready = useApp((state) => state.modelStatus === 'ready' && state.preflight !== null);
  const start = useApp((state) => state.startTraining);
  const gpu = useTrainingGpu();
  const refusal = estimate && memoryRefusal(estimate, toldMemory(navigator), gpu === 'software');
  const missing = missingOfTraining(form) ?? refusal;
  return (
    <Stack gap="sm">
      {estimate && <Estimate estimate={estimate} />}
      <Group gap="sm">
        <Button
          leftSection={<IconPlayerPlay size={17} aria-hidden />}
          disabled={missing !== null || !planned || !ready || gpu === 'none'}
          onClick={() => void start()}
          data-testid="run-training"
        >
          Fine-tune
        </Button>
        {missing && (
          <Text size="sm" className="warn-text" role="status" data-testid="train-missing">
            {missing}
          </Text>
        )}
      </Group>
    </Stack>
  );
}

function Estimate({ estimate }: { readonly estimate: TrainingEstimate }) {
  const { learning, parameters, deviceBytes, hostBytes, steps, cellsPerEpoch, seconds } = estimate;
  return (
    <SimpleGrid cols={{ base: 2, xs: 3, md: 5 }} spacing="sm" data-testid="train-estimate">
      <Fact
        label={`weights learn, ${learning < parameters / 1000 ? 'under 0.1 %' : formatPercent(learning / parameters)} of all`}
        value={formatCount(learning)}
      />
      <Fact
        label={`steps, ${formatCount(cellsPerEpoch)} cells an epoch`}
        value={formatCount(steps)}
        testId="train-steps"
      />
      <Fact label="on the GPU, about" value={formatBytes(deviceBytes)} testId="train-device-bytes" />
      <Fact label="in memory, about" value={formatBytes(hostBytes)} />
      <Fact
        label={seconds === null ? 'time: known after the first steps' : 'at most, about'}
        value={seconds === null ? '–' : formatDuration(seconds)}
        testId="train-time"
      />
    </SimpleGrid>
  );
}
