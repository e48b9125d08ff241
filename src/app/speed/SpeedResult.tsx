import { Button, CopyButton, Group, SimpleGrid, Table, Text } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react';
import { useMemo } from 'react';
import { MODEL_SHAPES } from '../../speed/model-shapes.ts';
import type { ModelFigure, SkippedModel, SpeedReport } from '../../speed/report.ts';
import { Panel } from '../common/Panel.tsx';
import { saveBytes } from '../export/save.ts';
import { PlotFigure } from '../probe/PlotFigure.tsx';
import { speedPlots } from './plots.ts';
import { contestantName, formatBandwidth, formatFlops, formatSpeed, skippedReason } from './words.ts';

interface SpeedResultProps {
  readonly report: SpeedReport;
  readonly complete: boolean;
}

/** What has been measured: the machine, drawings, every figure in a table, and the same as JSON. */
export function SpeedResult({ report, complete }: SpeedResultProps) {
  const plots = useMemo(() => speedPlots(report), [report]);
  const json = useMemo(() => `${JSON.stringify(report, null, 1)}\n`, [report]);
  return (
    <Panel title="This machine" note={machine(report)} testId="speed-result">
      {plots.length > 0 && (
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
          {plots.map((plot) => (
            <PlotFigure key={plot.id} plot={plot} stem={null} />
          ))}
        </SimpleGrid>
      )}
      <FigureTable report={report} />
      {complete && (
        <Group gap="xs">
          <CopyButton value={json}>
            {({ copied, copy }) => (
              <Button
                size="sm"
                variant="default"
                leftSection={
                  copied ? <IconCheck size={17} aria-hidden /> : <IconCopy size={17} aria-hidden />
                }
                onClick={copy}
                data-testid="copy-speed"
              >
                {copied ? 'Copied' : 'Copy as JSON'}
              </Button>
            )}
          </CopyButton>
          <Button
            size="sm"
            variant="default"
            leftSection={<IconDownload size={17} aria-hidden />}
            onClick={() =>
              saveBytes(
                new Blob([json], { type: 'application/json' }),
                `teddy-speed_${report.date.slice(0, 10)}.json`,
              )
            }
            data-testid="save-speed"
          >
            Save as JSON
          </Button>
        </Group>
      )}
    </Panel>
  );
}

/** Adapter and peaks in one line. */
function machine({ adapter, peak, threads }: SpeedReport): string {
  const gpu =
    adapter === null
      ? 'No GPU that this browser can use'
      : `${adapter.name}${adapter.software ? ', a software adapter on the processor' : ''}`;
  const roof =
    peak === null
      ? ''
      : `; at most ${formatFlops(peak.flops)} and ${formatBandwidth(peak.bytesPerSecond)}, as measured`;
  return `${gpu}${roof}${threads === null ? '' : `; WebAssembly on ${threads} ${threads === 1 ? 'thread' : 'threads'}`}.`;
}

/** The same as the drawing, and how it was found, for who cannot see it. */
function FigureTable({ report }: { readonly report: SpeedReport }) {
  const rows: readonly (ModelFigure | SkippedModel)[] = [...report.models, ...report.skipped];
  if (rows.length === 0) return null;
  return (
    <Table.ScrollContainer minWidth={520} scrollAreaProps={{ tabIndex: 0, 'aria-label': 'Speeds' }}>
      <Table fz="sm" data-testid="speed-table">
        <Table.Thead>
          <Table.Tr>
            {['Engine', 'Model', 'Speed', 'Arithmetic', 'Measured'].map((name) => (
              <Table.Th key={name} scope="col">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={`${contestantName(row)} ${row.model}`}>
              <Table.Td>{contestantName(row)}</Table.Td>
              <Table.Td>{row.model}</Table.Td>
              {'flops' in row ? (
                <>
                  <Table.Td>{formatSpeed(row.cellsPerSecond)}</Table.Td>
                  <Table.Td>{formatFlops(row.flops)}</Table.Td>
                  <Table.Td>{part(row)}</Table.Td>
                </>
              ) : (
                <Table.Td colSpan={3}>
                  <Text size="sm" c="dimmed">
                    {skippedReason(row)}
                  </Text>
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** "12 of 12 layers, 1,000 genes". */
function part({ model, layers, genes }: ModelFigure): string {
  const all = MODEL_SHAPES.find(({ name }) => name === model)?.layers ?? layers;
  return `${layers} of ${all} layers, ${genes.toLocaleString('en-US')} genes`;
}
