import { Alert, Group, MultiSelect, NumberInput, Radio, Select, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { formatCount } from '../common/format.ts';
import { Panel } from '../common/Panel.tsx';
import { useColumn, useColumnValues } from '../common/use-column.ts';
import type { CellChoice } from '../state/settings.ts';
import { useApp } from '../state/store.ts';
import { donorsAmongFirst } from './donors.ts';

/** Which cells the run covers: all, by recorded values, at random, or the first ones. */
export function CellsPanel() {
  const summary = useApp((state) => state.summary);
  const cells = useApp((state) => state.cells);
  const setCells = useApp((state) => state.setCells);
  const donorColumn = useApp((state) => state.donorColumn);
  const setDonorColumn = useApp((state) => state.setDonorColumn);
  const donors = useColumn(donorColumn);
  const values = useColumnValues(cells.column);
  if (!summary) return null;
  const among = cells.kind === 'first' && donors ? donorsAmongFirst(donors, cells.count) : null;

  return (
    <Panel title="Cells" testId="cells-panel">
      <Select
        label="Donor column"
        description="Random cells are drawn equally from each donor; scores are by donor."
        placeholder="none"
        clearable
        searchable
        data={[...summary.obsColumns]}
        value={donorColumn}
        onChange={(value) => void setDonorColumn(value)}
        data-testid="donor-column"
      />
      <Radio.Group
        label="Embed"
        value={cells.kind}
        onChange={(kind) => setCells({ kind: kind as CellChoice['kind'] })}
      >
        <Stack gap={8} mt={4}>
          <Radio value="all" label={`all ${formatCount(summary.nObs)} cells`} data-testid="cells-all" />
          <Radio
            value="random"
            label={donorColumn ? 'some, drawn at random and equally per donor' : 'some, drawn at random'}
            data-testid="cells-random"
          />
          <Radio value="values" label="those with certain recorded values" data-testid="cells-values" />
          <Radio value="first" label="the first ones of the file" data-testid="cells-first" />
        </Stack>
      </Radio.Group>
      {(cells.kind === 'random' || cells.kind === 'first') && (
        <Group gap="sm" grow>
          <NumberInput
            label="How many"
            min={1}
            max={summary.nObs}
            value={cells.count}
            onChange={(value) =>
              setCells({ count: Math.min(summary.nObs, Math.max(1, Math.round(Number(value) || 1))) })
            }
            thousandSeparator=","
            data-testid="cell-count"
          />
          {cells.kind === 'random' && (
            <NumberInput
              label="Seed"
              description=""
              min={0}
              value={cells.seed}
              onChange={(value) => setCells({ seed: Math.max(0, Math.round(Number(value) || 0)) })}
              data-testid="cell-seed"
            />
          )}
        </Group>
      )}
      {cells.kind === 'values' && (
        <Group gap="sm" grow align="flex-start">
          <Select
            label="Column"
            searchable
            data={[...summary.obsColumns]}
            value={cells.column}
            onChange={(column) => setCells({ column, values: [] })}
            data-testid="value-column"
          />
          <MultiSelect
            label="Values"
            searchable
            data={[...values]}
            value={[...cells.values]}
            onChange={(chosen) => setCells({ values: chosen })}
            data-testid="value-values"
          />
        </Group>
      )}
      {among?.length === 1 && (
        <Alert
          color="orange"
          icon={<IconAlertTriangle size={20} aria-hidden />}
          data-testid="one-donor-warning"
        >
          <Text size="sm">
            The first {formatCount(cells.count)} cells all come from one donor ({among[0]}): real files are
            sorted. Draw at random to see them all.
          </Text>
        </Alert>
      )}
    </Panel>
  );
}
