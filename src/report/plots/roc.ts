import { line, link } from '@observablehq/plot';
import type { MethodResult } from '../../probe/results.ts';
import { figure } from '../numbers.ts';
import {
  classColor,
  colorKey,
  framed,
  groundColors,
  type PlotContext,
  plotName,
  SQUARE_LEFT,
  shareSquare,
} from './frame.ts';

/** Names written above the curves. */
const MOST_NAMES = 9;
const SQUARE = 380;

/** True positive rate over false positive rate, one curve a class; the diagonal is a coin. */
export function rocPlot(context: PlotContext, method: MethodResult): SVGElement {
  const { curves } = method;
  const points = curves.flatMap(({ name, roc }, c) => roc.map(({ x, y }) => ({ x, y, name, c })));
  const color = (c: number) => classColor(c, context.dark);
  const auroc = new Map(method.byClass.map(({ name, auroc: area }) => [name, area]));
  const { muted } = groundColors(context.dark);
  const key = colorKey(
    curves.slice(0, MOST_NAMES).map(({ name }, c) => ({
      name: `${plotName(name, context.width)}: AUROC ${figure(auroc.get(name) ?? Number.NaN)}`,
      color: color(c),
    })),
    SQUARE_LEFT,
  );
  return framed(context, `ROC curves of ${curves.length} classes, ${method.name}`, {
    ...shareSquare(context.width, 'false positive rate', 'true positive rate'),
    height: SQUARE + key.marginTop,
    marginTop: key.marginTop + 14,
    marks: [
      link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: muted, strokeDasharray: '4 4' }),
      line(points, {
        x: 'x',
        y: 'y',
        z: 'name',
        stroke: (d: (typeof points)[number]) => color(d.c),
        strokeWidth: 2,
      }),
      ...key.marks,
    ],
  });
}
