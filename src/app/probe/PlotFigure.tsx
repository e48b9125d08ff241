import { Group, Text, Title, useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { type ReactNode, useEffect, useRef } from 'react';
import type { NamedPlot } from '../../report/plots/list.ts';
import classes from './PlotFigure.module.css';
import { PlotMenu } from './PlotMenu.tsx';

interface PlotFigureProps {
  readonly plot: NamedPlot;
  /** Start of the names of saved files; null: the plot is not for saving. */
  readonly stem: string | null;
  /** Controls under the drawing. */
  readonly children?: ReactNode;
}

const LEAST_WIDTH = 260;
const MOST_WIDTH = 560;

/** A drawing with its name, how to read it, and the ways to save it. */
export function PlotFigure({ plot, stem, children }: PlotFigureProps) {
  const dark = useComputedColorScheme('light') === 'dark';
  const { ref: sized, width: room } = useElementSize<HTMLDivElement>();
  const place = useRef<HTMLDivElement>(null);
  const width = Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, Math.floor(room)));
  useEffect(() => {
    if (room === 0) return;
    place.current?.replaceChildren(plot.draw({ document, dark, width }));
  }, [plot, dark, width, room]);
  return (
    <figure className={classes.figure} data-testid={`plot-${plot.id}`}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Title order={3} fz="sm">
          {plot.title}
        </Title>
        {stem !== null && <PlotMenu plot={plot} stem={stem} />}
      </Group>
      <div ref={sized}>
        <div ref={place} />
      </div>
      <Text component="figcaption" size="xs" c="dimmed">
        {plot.note}
      </Text>
      {children}
    </figure>
  );
}
