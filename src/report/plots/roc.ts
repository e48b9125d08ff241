import { line, link, text } from '@observablehq/plot';
import type { MethodResult } from '../../probe/types.ts';
import { figure } from '../numbers.ts';
import { classColor, framed, groundColors, type PlotContext, plotName } from './frame.ts';

/** Names beside curves that fit under the diagonal. */
const MOST_NAMES = 9;

/** True positive rate over false positive rate, one curve a class; the diagonal is a coin. */
export function rocPlot(context: PlotContext, method: MethodResult): SVGElement {
  const { curves } = method;
  const points = curves.flatMap(({ name, roc }, c) => roc.map(({ x, y }) => ({ x, y, name, c })));
  const color = (c: number) => classColor(c, context.dark);
  const auroc = new Map(method.byClass.map(({ name, auroc: area }) => [name, area]));
  const { muted } = groundColors(context.dark);
  const height = Math.min(context.width, 420);
  return framed(context, `ROC curves of ${curves.length} classes, ${method.name}`, {
    height,
    marginLeft: 44,
    x: { domain: [0, 1], label: 'false positive rate', ticks: 5 },
    y: { domain: [0, 1], label: 'true positive rate', ticks: 5, grid: true },
    marks: [
      link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: muted, strokeDasharray: '4 4' }),
      line(points, {
        x: 'x',
        y: 'y',
        z: 'name',
        stroke: (d: (typeof points)[number]) => color(d.c),
        strokeWidth: 2,
      }),
      ...curves.slice(0, MOST_NAMES).map(({ name }, c) =>
        text([1], {
          frameAnchor: 'bottom-right',
          dx: -8,
          dy: -10 - 16 * (Math.min(curves.length, MOST_NAMES) - 1 - c),
          text: () => `${plotName(name)}: AUROC ${figure(auroc.get(name) ?? Number.NaN)}`,
          fill: color(c),
          fontWeight: 600,
        }),
      ),
    ],
  });
}
