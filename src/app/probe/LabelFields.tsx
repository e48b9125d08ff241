import { Stack } from '@mantine/core';
import type { CellResults } from '../../run/results.ts';
import { LabelColumn } from '../common/LabelColumn.tsx';
import type { ProbeForm } from '../state/probe-form.ts';
import { useApp } from '../state/store.ts';

interface LabelFieldsProps {
  readonly form: ProbeForm;
  readonly results: CellResults;
}

/** The column to predict, and what its values mean as classes. */
export function LabelFields({ form, results }: LabelFieldsProps) {
  const setColumn = useApp((state) => state.setProbeLabelColumn);
  const setClass = useApp((state) => state.setProbeClass);
  const fail = useApp((state) => state.failProbe);
  return (
    <Stack gap="xs">
      <LabelColumn
        label="Predict"
        learner="the probe"
        column={form.labelColumn}
        table={form.table}
        results={results}
        onColumn={(column) => void setColumn(column).catch(fail)}
        onClass={setClass}
        testName="probe"
      />
    </Stack>
  );
}
