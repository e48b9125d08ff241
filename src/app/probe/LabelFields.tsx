import { Select, Stack, Text } from '@mantine/core';
import { isDerivedColumn } from '../../analysis/labels.ts';
import type { CellResults } from '../../run/results.ts';
import { ClassTable } from '../common/ClassTable.tsx';
import type { ProbeForm } from '../state/probe-form.ts';
import { useApp } from '../state/store.ts';

interface LabelFieldsProps {
  readonly form: ProbeForm;
  readonly results: CellResults;
}

/** The column to predict, and what its values mean as classes. */
export function LabelFields({ form, results }: LabelFieldsProps) {
  const obsColumns = useApp((state) => state.summary?.obsColumns ?? NONE);
  const setColumn = useApp((state) => state.setProbeLabelColumn);
  const setClass = useApp((state) => state.setProbeClass);
  const fail = useApp((state) => state.failProbe);
  return (
    <Stack gap="xs">
      <Select
        label="Predict"
        description="the obs column that records the answer"
        placeholder="choose a column"
        searchable
        data={[...obsColumns]}
        value={form.labelColumn}
        onChange={(column) => void setColumn(column).catch(fail)}
        maw={420}
        data-testid="probe-label"
      />
      {form.labelColumn !== null && isDerivedColumn(form.labelColumn) && (
        <Text size="sm" className="warn-text">
          “{form.labelColumn}” was made by software, not recorded by people: the probe learns that software.
        </Text>
      )}
      <ClassTable
        column={form.labelColumn}
        table={form.table}
        rows={results.rows}
        onClass={setClass}
        testName="probe"
      />
    </Stack>
  );
}

const NONE: readonly string[] = [];
