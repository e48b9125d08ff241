import { Button, Container, Group, Progress, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconChartDots2 } from '@tabler/icons-react';
import type { DatasetFormat } from '../../data/dataset.ts';
import { CloseFileButton } from '../common/CloseFileButton.tsx';
import { ErrorNotice } from '../common/ErrorNotice.tsx';
import { formatCount } from '../common/format.ts';
import { useApp } from '../state/store.ts';
import { CellsPanel } from './CellsPanel.tsx';
import { GenesPanel } from './GenesPanel.tsx';
import { LabelsPanel } from './LabelsPanel.tsx';
import { MatrixPanel } from './MatrixPanel.tsx';
import { QualityPanel } from './QualityPanel.tsx';
import { StartRunPanel } from './StartRunPanel.tsx';

const FORMAT_NAMES: Readonly<Record<DatasetFormat, string>> = {
  h5ad: 'AnnData (h5ad)',
  '10x-h5': '10x Genomics (h5)',
  mtx: 'Matrix Market (mtx)',
  zarr: 'AnnData (zarr)',
  arrow: 'Arrow',
  parquet: 'Parquet',
  several: 'several formats',
};

/** What the file is and what will be done with it, before anything is computed. */
export function PreflightPage() {
  const summary = useApp((state) => state.summary);
  const preflight = useApp((state) => state.preflight);
  const progress = useApp((state) => state.preflightProgress);
  const error = useApp((state) => state.preflightError);
  const modelError = useApp((state) => state.modelError);
  const dismissModelError = useApp((state) => state.dismissModelError);
  const loading = useApp((state) => state.modelStatus === 'loading');
  const hasResults = useApp((state) => state.results !== null);
  const openSettings = useApp((state) => state.openSettings);
  if (!summary) return null;
  return (
    <Container size={1120} py="lg">
      <Stack gap="md">
        <Group justify="space-between" gap="sm">
          <div>
            <Title order={1} fz={24} style={{ overflowWrap: 'anywhere' }}>
              {summary.fileName}
            </Title>
            <Text c="dimmed" data-testid="dataset-shape">
              {formatCount(summary.nObs)} cells × {formatCount(summary.nVars)} genes ·{' '}
              {FORMAT_NAMES[summary.format]}
            </Text>
          </div>
          <Group gap="xs">
            <CloseFileButton />
            {hasResults && (
              <Button
                variant="default"
                size="sm"
                leftSection={<IconChartDots2 size={17} aria-hidden />}
                onClick={() => openSettings(false)}
                data-testid="back-to-results"
              >
                Back to the results
              </Button>
            )}
          </Group>
        </Group>
        {error && <ErrorNotice sentence={error} testId="preflight-error" />}
        {modelError && <ErrorNotice sentence={modelError} testId="model-error" onClose={dismissModelError} />}
        {loading && (
          <Text size="sm" role="status" data-testid="model-loading">
            Loading the model…
          </Text>
        )}
        {progress && (
          <div role="status" aria-live="polite" data-testid="preflight-progress">
            <Text size="sm" mb={4}>
              Counting genes and checking every cell… {formatCount(progress.done)}
              {progress.total ? ` of ${formatCount(progress.total)}` : ''}
            </Text>
            <Progress
              value={progress.total ? (100 * progress.done) / progress.total : 100}
              animated={!progress.total}
              aria-label="Checking cells"
            />
          </div>
        )}
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <Stack gap="md">
            <MatrixPanel />
            {preflight && <GenesPanel report={preflight.genes} />}
            <LabelsPanel />
          </Stack>
          <Stack gap="md">
            {preflight && <QualityPanel report={preflight.quality} />}
            <CellsPanel />
            <StartRunPanel />
          </Stack>
        </SimpleGrid>
      </Stack>
    </Container>
  );
}
