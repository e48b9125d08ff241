import { Select, Text } from '@mantine/core';
import { isDerivedColumn } from '../../analysis/labels.ts';
import type { CellResults } from '../../run/results.ts';
import { useApp } from '../state/store.ts';
import { ClassTable } from './ClassTable.tsx';

interface LabelColumnProps {
  /** What is done with the column: "Predict", "Learn". */
  readonly label: string;
  /** Who learns it, should software have made it: "the probe". */
  readonly learner: string;
  /** The obs column that is chosen; null = none yet. */
  readonly column: string | null;
  /** Recorded value → class; null = left out. */
  readonly table: ReadonlyMap<string, string | null>;
  readonly results: CellResults;
  readonly onColumn: (column: string | null) => void;
  readonly onClass: (label: string, name: string | null) => void;
  /** Before the names that tests look for. */
  readonly testName: string;
}

const NONE: readonly string[] = [];

/** The obs column that records the answer, and what its values mean as classes. */
export function LabelColumn(props: LabelColumnProps) {
  const { label, learner, column, table, results, onColumn, onClass, testName } = props;
  const obsColumns = useApp((state) => state.summary?.obsColumns ?? NONE);
  return (
    <>
      <Select
        label={label}
        description="the obs column that records the answer"
        placeholder="choose a column"
        searchable
        data={[...obsColumns]}
        value={column}
        onChange={onColumn}
        maw={420}
        data-testid={`${testName}-label`}
      />
      {column !== null && isDerivedColumn(column) && (
        <Text size="sm" className="warn-text">
          “{column}” was made by software, not recorded by people: {learner} learns that software.
        </Text>
      )}
      <ClassTable column={column} table={table} rows={results.rows} onClass={onClass} testName={testName} />
    </>
  );
}
