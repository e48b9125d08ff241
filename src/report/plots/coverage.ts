import { dot, line, ruleY } from '@observablehq/plot';
import type { CoveragePoint, MethodResult } from '../../probe/results.ts';
import { figure, percent } from '../numbers.ts';
import { classColor, framed, groundColors, type PlotContext, shareSquare } from './frame.ts';

/** The point of the curve at a threshold: all answers of at least that probability. */
export function coverageAt(points: readonly CoveragePoint[], threshold: number): CoveragePoint | null {
  let best: CoveragePoint | null = null;
  for (const point of points) {
    if (point.threshold > threshold) continue;
    if (best === null || point.threshold > best.threshold) best = point;
  }
  return best ?? points[0] ?? null;
}

/**
 * Accuracy of what is answered over the share answered, as the probe may keep silent.
 * @param threshold marked on the curve; null marks none.
 */
export function coveragePlot(
  context: PlotContext,
  method: MethodResult,
  threshold: number | null,
): SVGElement {
  const points = [...method.coverage].sort((a, b) => a.coverage - b.coverage);
  const marked = threshold === null ? null : coverageAt(method.coverage, threshold);
  const color = classColor(0, context.dark);
  const { muted } = groundColors(context.dark);
  return framed(context, `Accuracy of ${method.name} over the share of cells answered`, {
    ...shareSquare(context.width, 'share of cells answered', 'accuracy of those'),
    marks: [
      ruleY([method.metrics.accuracy], { stroke: muted, strokeDasharray: '4 4' }),
      line(
        points.filter(({ accuracy }) => Number.isFinite(accuracy)),
        { x: 'coverage', y: 'accuracy', stroke: color, strokeWidth: 2 },
      ),
      ...(marked && Number.isFinite(marked.accuracy)
        ? [
            dot([marked], {
              x: 'coverage',
              y: 'accuracy',
              r: 6,
              fill: color,
              title: () =>
                `threshold ${figure(threshold ?? 0)}: ${percent(marked.coverage)} answered, ${percent(marked.accuracy)} right`,
            }),
          ]
        : []),
    ],
  });
}
