import { Group, NumberInput, SegmentedControl, SimpleGrid, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { QualityReport } from '../../run/services.ts';
import { formatCount } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { passesQuality } from '../state/settings.ts';
import { useApp } from '../state/store.ts';
import { HistogramPlot } from './HistogramPlot.tsx';
import { histogram } from './histogram.ts';

/** Distributions computed from the counts, with the two thresholds to drag or type. */
export function QualityPanel({ report }: { readonly report: QualityReport }) {
  const quality = useApp((state) => state.quality);
  const setQuality = useApp((state) => state.setQuality);
  const genes = useMemo(() => histogram(report.genes), [report]);
  const counts = useMemo(
    () => histogram(Array.from(report.counts, (count) => Math.log10(1 + count))),
    [report],
  );
  const mitochondrial = useMemo(
    () => (report.mitochondrial ? histogram(Array.from(report.mitochondrial, (share) => share * 100)) : null),
    [report],
  );
  const failing = useMemo(() => {
    const pass = passesQuality(report, quality);
    return pass.length - pass.reduce((sum, value) => sum + value, 0);
  }, [report, quality]);

  return (
    <Panel title="Cell quality" note="Computed from the counts, not taken from obs" testId="quality-panel">
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="md">
        <Stack gap={4}>
          <HistogramPlot
            data={genes}
            label="genes per cell"
            threshold={quality.minGenes}
            keep="above"
            onThreshold={(value) => setQuality({ minGenes: Math.max(0, Math.round(value)) })}
          />
          <NumberInput
            label="at least"
            suffix=" genes"
            size="xs"
            min={0}
            step={25}
            value={quality.minGenes}
            onChange={(value) => setQuality({ minGenes: Math.max(0, Number(value) || 0) })}
            data-testid="min-genes"
          />
        </Stack>
        <Stack gap={4}>
          {mitochondrial ? (
            <>
              <HistogramPlot
                data={mitochondrial}
                label="mitochondrial %"
                threshold={quality.maxMitochondrial * 100}
                keep="below"
                onThreshold={(value) =>
                  setQuality({ maxMitochondrial: clamp(Math.round(value * 10) / 1000) })
                }
              />
              <NumberInput
                label="at most"
                suffix=" %"
                size="xs"
                min={0}
                max={100}
                step={1}
                decimalScale={1}
                value={Math.round(quality.maxMitochondrial * 1000) / 10}
                onChange={(value) => setQuality({ maxMitochondrial: clamp((Number(value) || 0) / 100) })}
                data-testid="max-mito"
              />
            </>
          ) : (
            <Text size="sm" c="dimmed" data-testid="mito-not-applicable">
              Mitochondrial share: not applicable, this file has none of the 37 mitochondrial genes.
            </Text>
          )}
        </Stack>
        <HistogramPlot data={counts} label="counts per cell (log₁₀)" />
      </SimpleGrid>
      <Group justify="space-between" gap="sm">
        <Text size="sm" data-testid="qc-failing" aria-live="polite">
          {formatCount(failing)} of {formatCount(report.genes.length)} cells fall outside.
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="What happens to cells outside"
          data={[
            { value: 'flag', label: 'Flag them' },
            { value: 'drop', label: 'Leave them out' },
          ]}
          value={quality.mode}
          onChange={(mode) => setQuality({ mode: mode as 'flag' | 'drop' })}
          data-testid="qc-mode"
        />
      </Group>
      <Text size="xs" c="dimmed">
        Doublets and ambient RNA: not checked.
      </Text>
    </Panel>
  );
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
