import { dot, ruleY, text } from '@observablehq/plot';
import type { Evaluation } from '../../probe/results.ts';
import { count, figure } from '../numbers.ts';
import {
  classColor,
  colorKey,
  framed,
  groundColors,
  namesAxis,
  type PlotContext,
  roomForNames,
  SHARE_MARGIN,
  shareAxis,
} from './frame.ts';

/** Rows drawn; the table has all. */
const MOST_TYPES = 30;
const ROW = 24;

/** Accuracy by cell type, one dot a method, so that the commonest class stands beside the probe. */
export function cellTypesPlot(context: PlotContext, evaluation: Evaluation): SVGElement {
  const methods = evaluation.methods.filter(({ byCellType }) => byCellType.length > 0);
  const types = [...(methods[0]?.byCellType ?? [])].sort((a, b) => b.n - a.n).slice(0, MOST_TYPES);
  const names = types.map(({ name }) => name);
  const shown = new Set(names);
  const dots = methods.flatMap((method, m) =>
    method.byCellType
      .filter(({ name }) => shown.has(name))
      .map(({ name, n, metrics }) => ({ name, n, accuracy: metrics.accuracy, method: method.name, m })),
  );
  const { muted, ground } = groundColors(context.dark);
  const left = roomForNames(names, context.width);
  const key = colorKey(
    methods.map(({ name }, m) => ({ name, color: classColor(m, context.dark), sign: m === 0 ? '●' : '○' })),
    left,
  );
  return framed(context, `Accuracy by cell type, ${methods.length} methods`, {
    height: key.marginTop + SHARE_MARGIN + ROW * Math.max(1, names.length),
    marginLeft: left,
    marginTop: key.marginTop,
    marginRight: 60,
    marginBottom: SHARE_MARGIN,
    x: { ...shareAxis('accuracy', context.width), grid: true },
    y: namesAxis(names, context.width),
    marks: [
      ruleY(names, { stroke: muted, strokeOpacity: 0.35 }),
      dot(dots, {
        x: 'accuracy',
        y: 'name',
        r: (d: (typeof dots)[number]) => (d.m === 0 ? 6 : 4.5),
        fill: (d: (typeof dots)[number]) => (d.m === 0 ? classColor(0, context.dark) : ground),
        stroke: (d: (typeof dots)[number]) => classColor(d.m, context.dark),
        strokeWidth: 2,
        sort: { channel: 'r' },
        title: (d: (typeof dots)[number]) =>
          `${d.name}, ${d.method}: ${figure(d.accuracy)} of ${count(d.n)} cells`,
      }),
      text(types, { x: 1, y: 'name', dx: 10, textAnchor: 'start', fill: muted, text: ({ n }) => count(n) }),
      ...key.marks,
    ],
  });
}
