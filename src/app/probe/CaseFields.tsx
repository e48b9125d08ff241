import { MultiSelect, Select, SimpleGrid, Text } from '@mantine/core';
import { useMemo } from 'react';
import { recordedLabels } from '../../analysis/labels.ts';
import type { SplitPlan } from '../../probe/types.ts';
import type { CellResults } from '../../run/results.ts';
import { useColumn } from '../common/use-column.ts';
import type { ProbeForm } from '../state/probe-form.ts';
import { useApp } from '../state/store.ts';

type CaseSplit = Extract<SplitPlan, { readonly kind: 'held-out-case' }>;

interface CaseFieldsProps {
  readonly form: ProbeForm;
  readonly split: CaseSplit;
  readonly results: CellResults;
}

/** Cases to train on, one to test on, and the control that both are compared with. */
export function CaseFields({ form, split, results }: CaseFieldsProps) {
  const obsColumns = useApp((state) => state.summary?.obsColumns ?? NONE);
  const change = useApp((state) => state.changeProbe);
  const column = useColumn(form.caseColumn);
  const cases = useMemo(
    () => (column ? [...recordedLabels(column, results.rows).labels].sort() : []),
    [column, results.rows],
  );
  const set = (part: Partial<CaseSplit>) => change({ split: { ...split, ...part } });
  const setColumn = (caseColumn: string | null) =>
    change({ caseColumn, split: { ...split, trainCases: [], testCase: '', control: '' } });
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md" maw={720}>
        <Select
          label="Cases are named in"
          placeholder="choose a column"
          searchable
          data={[...obsColumns]}
          value={form.caseColumn}
          onChange={setColumn}
          data-testid="probe-cases"
        />
        <Select
          label="Control"
          placeholder="healthy"
          data={cases}
          value={split.control || null}
          onChange={(control) => set({ control: control ?? '' })}
          data-testid="probe-control"
        />
        <MultiSelect
          label="Train on"
          data={cases.filter((name) => name !== split.control && name !== split.testCase)}
          value={[...split.trainCases]}
          onChange={(trainCases) => set({ trainCases })}
          data-testid="probe-train-cases"
        />
        <Select
          label="Test on"
          data={cases.filter((name) => name !== split.control && !split.trainCases.includes(name))}
          value={split.testCase || null}
          onChange={(testCase) => set({ testCase: testCase ?? '' })}
          data-testid="probe-test-case"
        />
      </SimpleGrid>
      <Text size="sm" c="dimmed">
        Donors of the control are divided too: some train, others are tested. The answer stays the two classes
        of the label, so map the cases and the control to them above.
      </Text>
    </>
  );
}

const NONE: readonly string[] = [];
