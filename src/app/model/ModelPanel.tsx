import { Badge, Button, Group, Progress, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCpu, IconId } from '@tabler/icons-react';
import { ErrorNotice } from '../common/ErrorNotice.tsx';
import { capital, formatBytes, formatCount } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { useApp } from '../state/store.ts';
import { TrainedNote } from '../train/TrainedNote.tsx';
import { AddMissingFile } from './AddMissingFile.tsx';
import { EngineSelect } from './EngineSelect.tsx';
import { engineName } from './engine-name.ts';
import { ModelCardDrawer } from './ModelCardDrawer.tsx';
import { ModelChooser } from './ModelChooser.tsx';

/** Which model is loaded, what it is, on which engine, and the ways to another. */
export function ModelPanel() {
  const model = useApp((state) => state.model);
  const status = useApp((state) => state.modelStatus);
  const progress = useApp((state) => state.modelProgress);
  const error = useApp((state) => state.modelError);
  const dismiss = useApp((state) => state.dismissModelError);
  const [card, { open, close }] = useDisclosure(false);

  return (
    <Panel
      title="Model"
      testId="model-panel"
      aside={
        model && (
          <Button
            size="xs"
            variant="light"
            leftSection={<IconId size={16} aria-hidden />}
            onClick={open}
            data-testid="open-model-card"
          >
            Model card
          </Button>
        )
      }
    >
      {error && (
        <ErrorNotice sentence={error} testId="model-error" onClose={dismiss}>
          <AddMissingFile />
        </ErrorNotice>
      )}
      {status === 'loading' && (
        <div role="status" aria-live="polite" data-testid="model-loading">
          <Text size="sm" mb={4}>
            Loading the model{progress ? `: ${progress.stage}` : '…'}
            {progress?.unit === 'bytes' &&
              ` ${formatBytes(progress.done)}${progress.total ? ` of ${formatBytes(progress.total)}` : ''}`}
          </Text>
          <Progress
            value={progress?.total ? (100 * progress.done) / progress.total : 100}
            animated={!progress?.total}
            aria-label="Loading the model"
          />
        </div>
      )}
      {model && (
        <Stack gap={6}>
          <Group gap={8}>
            <Text fw={600} data-testid="model-name">
              {model.name}
            </Text>
            <Badge
              variant="light"
              color="gray"
              tt="none"
              leftSection={<IconCpu size={13} aria-hidden />}
              data-testid="engine-chip"
            >
              {engineName(model.engine.kind)} · {model.engine.device}
            </Badge>
          </Group>
          <Text size="sm" data-testid="model-what">
            {model.training
              ? `${capital(model.training.what)}, trained on ${formatCount(model.training.cellsInTrainingSet)} cells of ${Object.keys(model.training.trainingDonors).length} studies.`
              : 'A package without a model card: nothing is known here of how well it predicts.'}
          </Text>
          <Text size="sm" c="dimmed">
            {model.config.modelType === 'teddy_g' ? 'TEDDY-G' : 'TEDDY-X'}, {formatCount(model.parameters)}{' '}
            parameters, {model.config.nLayers} {model.config.nLayers === 1 ? 'layer' : 'layers'}, up to{' '}
            {formatCount(model.config.maxPositionEmbeddings)} genes per cell
          </Text>
          {model.notices.map((notice) => (
            <Text size="sm" c="orange.8" key={notice} data-testid="model-notice">
              {notice}
            </Text>
          ))}
        </Stack>
      )}
      <TrainedNote />
      <EngineSelect />
      <ModelChooser />
      {model && <ModelCardDrawer model={model} opened={card} onClose={close} />}
    </Panel>
  );
}
