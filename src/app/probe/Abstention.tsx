import { Slider, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { MethodResult } from '../../probe/results.ts';
import { figure, percent } from '../../report/numbers.ts';
import { coverageAt } from '../../report/plots/coverage.ts';
import { methodPlots } from '../../report/plots/list.ts';
import { PlotFigure } from './PlotFigure.tsx';

interface AbstentionProps {
  readonly method: MethodResult;
  readonly stem: string;
}

/** How much is answered and how right it is, as unsure answers are left out. */
export function Abstention({ method, stem }: AbstentionProps) {
  const { coverage, threshold: chosen } = method;
  const least = Math.min(...coverage.map(({ threshold }) => threshold));
  const [threshold, setThreshold] = useState(chosen ?? least);
  const plot = useMemo(
    () => methodPlots([], method, threshold).find(({ id }) => id === 'coverage'),
    [method, threshold],
  );
  const at = coverageAt(coverage, threshold);
  if (!plot) return null;
  return (
    <PlotFigure plot={plot} stem={stem}>
      <Text size="sm" mt="xs">
        Answer from a probability of {figure(threshold)}
      </Text>
      <Slider
        min={Math.min(least, chosen ?? least)}
        max={1}
        step={0.01}
        value={threshold}
        onChange={setThreshold}
        label={null}
        thumbLabel="Least probability that is answered"
        data-testid="probe-threshold"
      />
      <Text size="sm" mt={4} aria-live="polite" data-testid="probe-coverage">
        {at
          ? `${percent(at.coverage)} of the cells answered, ${percent(at.accuracy)} of them right.`
          : 'Nothing is answered.'}{' '}
        {chosen === null
          ? 'No threshold was chosen on validation cells: one picked here, on the test cells, flatters.'
          : threshold === chosen
            ? `Chosen on validation cells of the training folds.`
            : `${figure(chosen)} was chosen on validation cells; any other, picked on the test cells, flatters.`}
      </Text>
    </PlotFigure>
  );
}
