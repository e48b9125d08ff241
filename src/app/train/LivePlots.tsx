import { SimpleGrid } from '@mantine/core';
import { useThrottledValue } from '@mantine/hooks';
import { useMemo } from 'react';
import { PlotFigure } from '../probe/PlotFigure.tsx';
import type { TrainView } from '../state/train-view.ts';
import { trainingPlots } from './plots.ts';

/** Steps can be quicker than drawings. */
const DRAW_EVERY_MS = 500;

/** The curves of a training under way. */
export function LivePlots({ view }: { readonly view: TrainView }) {
  const shown = useThrottledValue(view, DRAW_EVERY_MS);
  const plots = useMemo(() => {
    const { points, validations, baselines, config, latest } = shown;
    const { objective, validation, epochs } = config;
    const annotation = objective.kind === 'finetune' ? objective.annotation : '';
    const { metric } = validation;
    const steps = latest?.steps ?? 1;
    return trainingPlots({ points, validations, baselines, annotation, metric, steps, epochs });
  }, [shown]);
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg" data-testid="training-plots">
      {plots.map((plot) => (
        <PlotFigure key={plot.id} plot={plot} stem={null} />
      ))}
    </SimpleGrid>
  );
}
