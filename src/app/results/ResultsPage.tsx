import { Button, Container, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { IconAdjustments } from '@tabler/icons-react';
import type { CellResults } from '../../run/results.ts';
import { AuditPanel } from '../audit/AuditPanel.tsx';
import { CloseFileButton } from '../common/CloseFileButton.tsx';
import { formatCount } from '../common/format.ts';
import { ExportMenu } from '../export/ExportMenu.tsx';
import { KeepButton } from '../export/KeepButton.tsx';
import { ApplyProbePanel } from '../probe/ApplyProbePanel.tsx';
import { ProbePanel } from '../probe/ProbePanel.tsx';
import { RunBar } from '../run/RunBar.tsx';
import { Legend } from '../scatter/Legend.tsx';
import { useApp } from '../state/store.ts';
import { TrainPanel } from '../train/TrainPanel.tsx';
import { CellDetails } from './CellDetails.tsx';
import { PredictionsPanel } from './PredictionsPanel.tsx';
import classes from './ResultsPage.module.css';
import { ScatterPanel } from './ScatterPanel.tsx';
import { SelectionPanel } from './SelectionPanel.tsx';
import { TrustPanel } from './TrustPanel.tsx';
import { useColouring } from './use-colouring.ts';
import { usePositions } from './use-positions.ts';

/** The cells, what is predicted of them, and the way out. */
export function ResultsPage() {
  const summary = useApp((state) => state.summary);
  const results = useApp((state) => state.results);
  const phase = useApp((state) => state.phase);
  const openSettings = useApp((state) => state.openSettings);
  const running = phase === 'embedding' || phase === 'layout';
  if (!summary) return null;
  return (
    <Container size={1480} py="md">
      <Stack gap="md">
        <Group justify="space-between" gap="sm">
          <div>
            <Title order={1} fz={22} style={{ overflowWrap: 'anywhere' }}>
              {summary.fileName}
            </Title>
            <Text size="sm" c="dimmed" data-testid="results-shape">
              {formatCount(results?.rows.length ?? 0)} of {formatCount(summary.nObs)} cells embedded
            </Text>
          </div>
          <Group gap="xs">
            <CloseFileButton disabled={running} />
            <Button
              variant="default"
              size="sm"
              leftSection={<IconAdjustments size={17} aria-hidden />}
              onClick={() => openSettings(true)}
              disabled={running}
              data-testid="back-to-settings"
            >
              Settings
            </Button>
            {results && <KeepButton results={results} disabled={running} />}
            {results && <ExportMenu results={results} only={null} label="Export" disabled={running} />}
          </Group>
        </Group>
        <RunBar />
        {results && results.rows.length > 0 ? (
          <Figure results={results} running={running} />
        ) : (
          <Paper withBorder radius="lg" p="xl">
            <Text c="dimmed" ta="center">
              Cells appear here as they are embedded.
            </Text>
          </Paper>
        )}
      </Stack>
    </Container>
  );
}

function Figure({ results, running }: { readonly results: CellResults; readonly running: boolean }) {
  const place = usePositions(results);
  const coloring = useColouring(results);
  const filter = useApp((state) => state.filter);
  const setFilter = useApp((state) => state.setFilter);
  return (
    <>
      <div className={classes.figure}>
        <ScatterPanel results={results} place={place} coloring={coloring} />
        <div className={classes.side}>
          <Paper withBorder radius="lg" p="sm" data-testid="legend">
            <Legend legend={coloring.legend} filter={filter} onFilter={setFilter} />
          </Paper>
          <SelectionPanel results={results} />
          <CellDetails results={results} />
        </div>
      </div>
      <TrustPanel results={results} />
      <PredictionsPanel results={results} />
      <AuditPanel disabled={running} />
      <ApplyProbePanel />
      <ProbePanel results={results} />
      <TrainPanel results={results} />
    </>
  );
}
