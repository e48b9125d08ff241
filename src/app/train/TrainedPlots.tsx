import { SimpleGrid, Stack, Title } from '@mantine/core';
import { useMemo } from 'react';
import { methodPlots } from '../../report/plots/list.ts';
import { exportStem } from '../export/export-name.ts';
import { DonorsTable } from '../probe/DonorsTable.tsx';
import { PlotFigure } from '../probe/PlotFigure.tsx';
import type { Trained } from '../state/trained.ts';
import { trainingPlots } from './plots.ts';

/** The curves of an ended training, and its test by donor. */
export function TrainedPlots({ trained }: { readonly trained: Trained }) {
  const { config, model } = trained;
  const { history, validations, baselines, steps, epochs, test } = model.summary;
  const annotation = config.objective.kind === 'finetune' ? config.objective.annotation : '';
  const method = test?.methods[annotation]?.[0];
  const classes = useMemo(() => method?.byClass.map(({ name }) => name) ?? [], [method]);
  const plots = useMemo(() => {
    const { metric } = config.validation;
    const curves = trainingPlots({
      points: history,
      validations,
      baselines,
      annotation,
      metric,
      steps,
      epochs,
    });
    return [
      ...curves,
      ...(method ? methodPlots(classes, method, null).filter(({ id }) => id !== 'coverage') : []),
    ];
  }, [config, history, validations, baselines, annotation, steps, epochs, method, classes]);
  const stem = exportStem(model.name);
  return (
    <Stack gap="md" data-testid="trained-plots">
      {method && (
        <div>
          <Title order={3} fz="sm" mb={4}>
            Test donors
          </Title>
          <DonorsTable evaluation={{ classes, seenGroups: [] }} method={method} />
        </div>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg">
        {plots.map((plot) => (
          <PlotFigure key={plot.id} plot={plot} stem={stem} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
