import { Select, SimpleGrid, Stack, Title } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Evaluation, MethodResult } from '../../probe/results.ts';
import { comparingPlots, methodPlots } from '../../report/plots/list.ts';
import { exportStem } from '../export/export-name.ts';
import { Abstention } from './Abstention.tsx';
import { CellTypesTable } from './CellTypesTable.tsx';
import { DonorsTable } from './DonorsTable.tsx';
import { PlotFigure } from './PlotFigure.tsx';

interface ProbePlotsProps {
  readonly evaluation: Evaluation;
  /** Column predicted: part of file names. */
  readonly label: string;
}

/** The evaluation drawn: methods side by side, then one of them in detail. */
export function ProbePlots({ evaluation, label }: ProbePlotsProps) {
  const [id, setId] = useState<MethodResult['id']>('probe');
  const method = evaluation.methods.find((one) => one.id === id) ?? evaluation.methods[0];
  const comparing = useMemo(() => comparingPlots(evaluation), [evaluation]);
  const single = useMemo(
    () => methodPlots(evaluation.classes, method, null).filter((plot) => plot.id !== 'coverage'),
    [evaluation, method],
  );
  const stem = exportStem(label);
  return (
    <Stack gap="md" data-testid="probe-plots">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        {comparing.map((plot) => (
          <PlotFigure key={plot.id} plot={plot} stem={stem} />
        ))}
      </SimpleGrid>
      <Select
        label="In detail"
        data={evaluation.methods.map((one) => ({ value: one.id, label: one.name }))}
        value={method.id}
        onChange={(value) => value && setId(value as MethodResult['id'])}
        allowDeselect={false}
        maw={420}
        data-testid="probe-method"
      />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        {single.map((plot) => (
          <PlotFigure key={plot.id} plot={plot} stem={`${stem}_${method.id}`} />
        ))}
        {method.coverage.length > 0 && (
          <Abstention key={method.id} method={method} stem={`${stem}_${method.id}`} />
        )}
      </SimpleGrid>
      <div>
        <Title order={3} fz="sm" mb={4}>
          Donors, {method.name}
        </Title>
        <DonorsTable evaluation={evaluation} method={method} />
      </div>
      {method.byCellType.length > 0 && (
        <div>
          <Title order={3} fz="sm" mb={4}>
            Cell types, {method.name}
          </Title>
          <CellTypesTable method={method} />
        </div>
      )}
    </Stack>
  );
}
