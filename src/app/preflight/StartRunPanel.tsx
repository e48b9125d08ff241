import { Button, Checkbox, Group, Select, Text } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { Pooling } from '../../model/config.ts';
import { ErrorNotice } from '../common/ErrorNotice.tsx';
import { Fact } from '../common/Fact.tsx';
import { formatBytes, formatCount, formatDuration } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { EngineSelect } from '../model/EngineSelect.tsx';
import { useApp } from '../state/store.ts';
import { estimate } from './estimate.ts';

const POOLINGS = [
  { value: 'gene_mean', label: 'mean over genes (the paper’s zero-shot embedding)' },
  { value: 'first_gene', label: 'first gene (cell_emb of the released code)' },
  { value: 'all_positions', label: 'all positions (the released tutorial; slower)' },
];

/** Time and memory ahead, the engine, and the button. */
export function StartRunPanel() {
  const model = useApp((state) => state.model);
  const preflight = useApp((state) => state.preflight);
  const pooling = useApp((state) => state.pooling);
  const setPooling = useApp((state) => state.setPooling);
  const keepStates = useApp((state) => state.keepAnnotationStates);
  const setKeepStates = useApp((state) => state.setKeepAnnotationStates);
  const start = useApp((state) => state.startRun);
  const error = useApp((state) => state.runError);
  const count = useCellCount();
  if (!model) return null;
  const annotations = Object.keys(model.config.annotations);
  const tokens =
    pooling === 'all_positions' ? model.config.maxPositionEmbeddings : (preflight?.meanTokens ?? 0);
  const ahead = preflight && count !== null ? estimate(model, count, tokens) : null;
  const nothing = count === 0;

  return (
    <Panel title="Run" note={`${model.name} on ${model.engine.device}`} testId="start-panel">
      <EngineSelect />
      <Select
        label="Cell embedding"
        data={POOLINGS}
        value={pooling}
        onChange={(value) => value && setPooling(value as Pooling)}
        allowDeselect={false}
        data-testid="pooling"
      />
      {annotations.length > 0 && (
        <Checkbox
          label="Also keep the annotation tokens’ states, for probes on them"
          description={`${annotations.join(', ')}: ${annotations.length} more vectors a cell`}
          checked={keepStates}
          onChange={(event) => setKeepStates(event.currentTarget.checked)}
          data-testid="keep-annotation-states"
        />
      )}
      <Group gap="xl" aria-live="polite">
        <Fact label="cells" value={count === null ? '–' : formatCount(count)} testId="selected-cells" />
        <Fact
          label="about, on this device"
          value={nothing ? '–' : ahead?.seconds == null ? 'unknown' : formatDuration(ahead.seconds)}
          testId="estimated-time"
        />
        <Fact label="memory" value={ahead ? formatBytes(ahead.bytes) : '–'} testId="estimated-memory" />
      </Group>
      {nothing && (
        <Text size="sm" className="warn-text" role="alert" data-testid="no-cells">
          No cell is left with these settings: choose other cells or relax the quality thresholds.
        </Text>
      )}
      {error && <ErrorNotice sentence={error} testId="run-error" />}
      <Button
        size="md"
        leftSection={<IconPlayerPlay size={18} aria-hidden />}
        disabled={!preflight || count === null || nothing}
        onClick={() => void start()}
        data-testid="start-run"
      >
        Embed {count === null ? '' : formatCount(count)} cells
      </Button>
    </Panel>
  );
}

/** How many cells the present settings mean; null while it is being asked. */
function useCellCount(): number | null {
  const cells = useApp((state) => state.cells);
  const quality = useApp((state) => state.quality);
  const preflight = useApp((state) => state.preflight);
  const donorColumn = useApp((state) => state.donorColumn);
  const selectedRows = useApp((state) => state.selectedRows);
  const [count, setCount] = useState<number | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the settings are what selectedRows reads
  useEffect(() => {
    let current = true;
    selectedRows().then(
      (rows) => current && setCount(rows.length),
      () => current && setCount(null),
    );
    return () => {
      current = false;
    };
  }, [cells, quality, preflight, donorColumn, selectedRows]);
  return count;
}
