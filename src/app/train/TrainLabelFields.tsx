import { Select, SimpleGrid, Stack, Text } from '@mantine/core';
import type { CellResults } from '../../run/results.ts';
import { LabelColumn } from '../common/LabelColumn.tsx';
import { useApp } from '../state/store.ts';
import type { TrainForm } from '../state/train-form.ts';

interface TrainLabelFieldsProps {
  readonly form: TrainForm;
  readonly results: CellResults;
}

const NONE: readonly string[] = [];

/** The column to learn and what its values mean as classes; the columns that keep cells together. */
export function TrainLabelFields({ form, results }: TrainLabelFieldsProps) {
  const columns = [...useApp((state) => state.summary?.obsColumns ?? NONE)];
  const setColumn = useApp((state) => state.setTrainLabelColumn);
  const setClass = useApp((state) => state.setTrainClass);
  const change = useApp((state) => state.changeTraining);
  const fail = useApp((state) => state.failTraining);
  const optional = { placeholder: 'none', clearable: true, searchable: true, data: columns };
  return (
    <Stack gap="xs">
      <LabelColumn
        label="Learn"
        learner="the model"
        column={form.labelColumn}
        table={form.table}
        results={results}
        onColumn={(column) => void setColumn(column).catch(fail)}
        onClass={setClass}
        testName="train"
      />
      <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md">
        <Select
          {...optional}
          label="Donors"
          description="each in one set only"
          value={form.donorColumn}
          onChange={(donorColumn) => change({ donorColumn, sets: null })}
          data-testid="train-donors"
        />
        <Select
          {...optional}
          label="Study or batch"
          description="for the guess that knows only this"
          value={form.studyColumn}
          onChange={(studyColumn) => change({ studyColumn })}
          data-testid="train-study"
        />
        <Select
          {...optional}
          label="Cell types"
          description="for results by cell type"
          value={form.cellTypeColumn}
          onChange={(cellTypeColumn) => change({ cellTypeColumn })}
          data-testid="train-cell-types"
        />
      </SimpleGrid>
      {form.donorColumn === null && (
        <Text size="sm" className="warn-text" role="status" data-testid="train-no-donors">
          Without a column of donors all cells train and none can be a test: nothing will be known of how the
          new model does on other people.
        </Text>
      )}
    </Stack>
  );
}
