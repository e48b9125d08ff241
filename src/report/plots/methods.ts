import { dot, link, rectX, text } from '@observablehq/plot';
import type { Evaluation, MetricName } from '../../probe/results.ts';
import { figure, range } from '../numbers.ts';
import { comparedMethods } from '../table.ts';
import { METRIC_NAMES } from '../words.ts';
import {
  classColor,
  framed,
  groundColors,
  namesAxis,
  type PlotContext,
  roomForNames,
  SHARE_MARGIN,
  shareAxis,
} from './frame.ts';

const ROW = 30;

/** The methods on one axis with their intervals, over what chance gives these donors. */
export function methodsPlot(context: PlotContext, evaluation: Evaluation): SVGElement {
  const methods = comparedMethods(evaluation);
  const permutation = methods.find((method) => method.permutation)?.permutation ?? null;
  const metric: MetricName = permutation?.metric ?? 'balancedAccuracy';
  const names = methods.map(({ name }) => name);
  const intervals = methods.flatMap(({ name, uncertainty, metrics }) =>
    uncertainty.kind === 'bootstrap' && Number.isFinite(metrics[metric])
      ? [{ name, interval: uncertainty.intervals[metric] }]
      : [],
  );
  const { muted, ink, ground } = groundColors(context.dark);
  const color = classColor(0, context.dark);
  return framed(context, `${METRIC_NAMES[metric]} of ${methods.length} methods`, {
    height: 70 + ROW * methods.length,
    marginLeft: roomForNames(names, context.width),
    marginTop: 26,
    marginRight: 48,
    marginBottom: SHARE_MARGIN,
    x: { ...shareAxis(METRIC_NAMES[metric], context.width), grid: true },
    y: namesAxis(names, context.width),
    marks: [
      ...(permutation
        ? [
            rectX([permutation], {
              x1: permutation.interval[0],
              x2: permutation.interval[1],
              fill: muted,
              fillOpacity: 0.22,
              title: () => `labels permuted: 95 % ${range(permutation.interval)}`,
            }),
            text([permutation], {
              x: permutation.mean,
              frameAnchor: 'top',
              dy: -8,
              lineAnchor: 'bottom',
              fill: muted,
              text: () => `labels permuted: ${figure(permutation.mean)}`,
            }),
          ]
        : []),
      link(intervals, {
        x1: ({ interval }) => interval[0],
        x2: ({ interval }) => interval[1],
        y: 'name',
        stroke: color,
        strokeWidth: 2,
      }),
      dot(methods, {
        x: ({ metrics }) => metrics[metric],
        y: 'name',
        r: 6,
        fill: (_, index) => (index === 0 ? color : ground),
        stroke: color,
        strokeWidth: 2,
      }),
      text(methods, {
        x: 1,
        y: 'name',
        dx: 10,
        textAnchor: 'start',
        fill: ink,
        text: ({ metrics }) => figure(metrics[metric]),
      }),
    ],
  });
}
