import { Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import * as Plot from '@observablehq/plot';
import { type PointerEvent, useEffect, useRef } from 'react';
import type { Histogram } from '../../run/services.ts';
import classes from './HistogramPlot.module.css';

interface HistogramPlotProps {
  readonly data: Histogram;
  readonly label: string;
  readonly threshold?: number;
  /** Which side of the threshold is kept. */
  readonly keep?: 'above' | 'below';
  readonly onThreshold?: (value: number) => void;
}

const HEIGHT = 92;
const MARGIN = { left: 6, right: 6, top: 6, bottom: 20 };

/** A small histogram whose threshold follows the pointer; the number box beside it does the same by keyboard. */
export function HistogramPlot({ data, label, threshold, keep = 'above', onThreshold }: HistogramPlotProps) {
  const { ref: box, width } = useElementSize();
  const host = useRef<HTMLDivElement>(null);
  const scale = useRef<{ invert?: (position: number) => number } | null>(null);

  useEffect(() => {
    if (!host.current || width === 0) return;
    const bars = data.counts.map((count, i) => {
      const middle = (data.edges[i] + data.edges[i + 1]) / 2;
      const kept = threshold === undefined || (keep === 'above' ? middle >= threshold : middle <= threshold);
      return { x1: data.edges[i], x2: data.edges[i + 1], count, kept };
    });
    const domain = [
      Math.min(data.edges[0], threshold ?? data.edges[0]),
      Math.max(data.edges.at(-1) ?? 1, threshold ?? 0),
    ];
    const plot = Plot.plot({
      width,
      height: HEIGHT,
      marginLeft: MARGIN.left,
      marginRight: MARGIN.right,
      marginTop: MARGIN.top,
      marginBottom: MARGIN.bottom,
      style: { background: 'transparent', fontSize: '10px', overflow: 'visible' },
      x: { domain, label: null, ticks: 4, tickSize: 3 },
      y: { axis: null },
      marks: [
        Plot.rectY(bars, {
          x1: 'x1',
          x2: 'x2',
          y: 'count',
          inset: 0.5,
          fill: (bar: { kept: boolean }) =>
            bar.kept ? 'var(--mantine-primary-color-filled)' : 'var(--mantine-color-orange-5)',
        }),
        Plot.ruleY([0], { strokeOpacity: 0.4 }),
        ...(threshold === undefined
          ? []
          : [Plot.ruleX([threshold], { stroke: 'currentColor', strokeWidth: 1.5, strokeDasharray: '3,2' })]),
      ],
    });
    scale.current = plot.scale('x') as unknown as { invert?: (position: number) => number };
    // The number box and the sentence under it carry the same for screen readers.
    plot.setAttribute('aria-hidden', 'true');
    host.current.replaceChildren(plot);
  }, [data, width, threshold, keep]);

  function drag(event: PointerEvent<HTMLDivElement>) {
    if (!onThreshold || event.buttons !== 1) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const position = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const value = scale.current?.invert?.(position);
    if (value !== undefined) onThreshold(value);
  }

  return (
    <div ref={box}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <div
        ref={host}
        className={onThreshold ? classes.draggable : undefined}
        style={{ minHeight: HEIGHT }}
        onPointerDown={drag}
        onPointerMove={drag}
      />
    </div>
  );
}
