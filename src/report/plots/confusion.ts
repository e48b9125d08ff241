import { cell, text } from '@observablehq/plot';
import { count, percent } from '../numbers.ts';
import { framed, groundColors, namesAxis, type PlotContext, roomForNames } from './frame.ts';

interface Confused {
  readonly recorded: string;
  readonly predicted: string;
  readonly cells: number;
  /** Of the cells recorded so. */
  readonly share: number;
}

/**
 * Recorded (rows) against predicted (columns): cells, coloured by their share of the row.
 * @param confusion [k, k]; classes that do not occur are left out.
 */
export function confusionPlot(
  context: PlotContext,
  classes: readonly string[],
  confusion: Uint32Array,
): SVGElement {
  const k = classes.length;
  const at = (r: number, p: number) => confusion[r * k + p];
  const all = classes.map((_, c) => c);
  const total = all.map((r) => all.reduce((sum, p) => sum + at(r, p), 0));
  const shown = all.filter((c) => all.some((other) => at(c, other) > 0 || at(other, c) > 0));
  const names = shown.map((c) => classes[c]);
  const data = shown.flatMap((r) =>
    shown.map(
      (p): Confused => ({
        recorded: classes[r],
        predicted: classes[p],
        cells: at(r, p),
        share: total[r] > 0 ? at(r, p) / total[r] : 0,
      }),
    ),
  );
  const { ink, ground } = groundColors(context.dark);
  const left = roomForNames(names, context.width) + 16;
  const size = Math.min(64, (context.width - left - 10) / Math.max(1, names.length));
  const many = names.length > 3;
  const bottom = many ? 20 + 0.66 * left : 40;
  return framed(context, `Recorded against predicted class, ${names.length} classes`, {
    height: 30 + bottom + size * names.length,
    marginLeft: left,
    marginBottom: bottom,
    x: {
      ...namesAxis(names, context.width),
      label: 'predicted',
      labelArrow: 'none',
      tickRotate: many ? -35 : 0,
    },
    y: {
      ...namesAxis(names, context.width),
      label: 'recorded',
      labelArrow: 'none',
      labelOffset: left - 6,
    },
    color: {
      type: 'linear',
      domain: [0, 1],
      range: context.dark ? ['#2b2f33', '#5ac6b6'] : ['#f1f4f4', '#0b5c52'],
    },
    marks: [
      cell(data, {
        x: 'predicted',
        y: 'recorded',
        fill: 'share',
        inset: 1,
        title: (d: Confused) =>
          `recorded ${d.recorded}, predicted ${d.predicted}: ${count(d.cells)} cells, ${percent(d.share)}`,
      }),
      text(data, {
        x: 'predicted',
        y: 'recorded',
        text: (d: Confused) => (size < 22 ? '' : count(d.cells)),
        fill: (d: Confused) => (d.share > 0.5 ? ground : ink),
        fontWeight: 600,
      }),
    ],
  });
}
