import { dot, line, ruleY } from '@observablehq/plot';
import { figure } from '../../report/numbers.ts';
import { classColor, colorKey, framed, groundColors, type PlotContext } from '../../report/plots/frame.ts';
import type { NamedPlot } from '../../report/plots/list.ts';
import type { BaselineLine, StepPoint, ValidationPoint } from '../../train/types.ts';

/** What there is to draw of a training, under way or ended. */
export interface TrainingCurves {
  readonly points: readonly (StepPoint & { readonly cellsPerSecond?: number })[];
  readonly validations: readonly ValidationPoint[];
  readonly baselines: readonly BaselineLine[];
  /** Of the fine-tuned annotation. */
  readonly annotation: string;
  readonly metric: 'loss' | 'balancedAccuracy';
  /** Of the whole run. */
  readonly steps: number;
  readonly epochs: number;
}

const HEIGHT = 190;
const MARGIN_LEFT = 52;

/** Loss, the validation metric beside what one does without the new model, learning rate and speed. */
export function trainingPlots(curves: TrainingCurves): readonly NamedPlot[] {
  const { points, validations } = curves;
  const plots: NamedPlot[] = [];
  if (points.length > 0) {
    plots.push({
      id: 'training-loss',
      title: 'Loss',
      note: 'of each step’s own cells, so it wavers; hollow: of the validation cells',
      draw: (context) => lossPlot(context, curves),
    });
  }
  if (validations.length > 0 && curves.metric === 'balancedAccuracy') {
    plots.push({
      id: 'training-validation',
      title: 'Balanced accuracy on validation donors',
      note: 'ringed: the best, whose weights are kept; lines: the same cells answered without the new model',
      draw: (context) => validationPlot(context, curves),
    });
  }
  if (points.length > 0) {
    plots.push({
      id: 'training-rate',
      title: 'Learning rate',
      note: 'of each step: warm-up, then half a cosine to zero',
      draw: (context) => stepsPlot(context, curves, 'Learning rate by step', 'learningRate'),
    });
  }
  if (points.some(({ cellsPerSecond }) => cellsPerSecond !== undefined)) {
    plots.push({
      id: 'training-speed',
      title: 'Cells a second',
      note: 'read, learnt from and written back, by step',
      draw: (context) => stepsPlot(context, curves, 'Cells a second by step', 'cellsPerSecond'),
    });
  }
  return plots;
}

function lossPlot(context: PlotContext, { points, validations, steps }: TrainingCurves): SVGElement {
  const color = classColor(0, context.dark);
  const other = classColor(1, context.dark);
  const losses = points.map(({ step, losses: { total } }) => ({ step, total }));
  const checked = validations.map(({ step, losses: { total } }) => ({ step, total }));
  return framed(context, `Loss of ${points.length} steps`, {
    ...stepAxes(steps),
    marks: [
      line(losses, { x: 'step', y: 'total', stroke: color, strokeWidth: 1.5 }),
      ...(losses.length === 1 ? [dot(losses, { x: 'step', y: 'total', fill: color })] : []),
      dot(checked, { x: 'step', y: 'total', stroke: other, strokeWidth: 1.5, r: 3.5 }),
    ],
  });
}

function stepsPlot(
  context: PlotContext,
  { points, steps }: TrainingCurves,
  name: string,
  y: 'learningRate' | 'cellsPerSecond',
): SVGElement {
  const color = classColor(0, context.dark);
  const axes = stepAxes(steps);
  return framed(context, name, {
    ...axes,
    height: HEIGHT - 50,
    y: { ...axes.y, zero: true, tickFormat: y === 'learningRate' ? '.0e' : 's', ticks: 3 },
    marks: [
      line(points, { x: 'step', y, stroke: color, strokeWidth: 1.5 }),
      ...(points.length === 1 ? [dot(points, { x: 'step', y, fill: color })] : []),
    ],
  });
}

function validationPlot(context: PlotContext, curves: TrainingCurves): SVGElement {
  const { validations, baselines, annotation, epochs } = curves;
  const { ink } = groundColors(context.dark);
  const own = baselines.filter((one) => one.annotation === annotation);
  const colors = own.map((_, i) => classColor(i + 1, context.dark));
  const color = classColor(0, context.dark);
  const key = colorKey(
    [
      { name: 'the model in training', color },
      ...own.map(({ name, balancedAccuracy }, i) => ({
        name: `${name}: ${figure(balancedAccuracy)}`,
        color: colors[i],
        sign: '━',
      })),
    ],
    MARGIN_LEFT,
  );
  const best = validations.findLast((point) => point.best);
  return framed(context, `Balanced accuracy of ${validations.length} validations`, {
    height: key.marginTop + HEIGHT - 20,
    marginLeft: MARGIN_LEFT,
    marginRight: 14,
    marginTop: key.marginTop,
    insetTop: 6,
    marginBottom: 38,
    x: {
      domain: [0, epochs],
      ticks: Math.min(10, epochs),
      label: 'epoch',
      labelAnchor: 'center',
      labelArrow: 'none',
    },
    y: { domain: [0, 1], ticks: 5, grid: true, label: null },
    marks: [
      ...key.marks,
      ...own.map(({ balancedAccuracy }, i) =>
        ruleY([balancedAccuracy], { stroke: colors[i], strokeWidth: 2, ...dashes(i, own.length) }),
      ),
      line(validations, { x: 'epoch', y: 'metric', stroke: color, strokeWidth: 1.5 }),
      dot(validations, { x: 'epoch', y: 'metric', fill: color, r: 3.5 }),
      ...(best ? [dot([best], { x: 'epoch', y: 'metric', stroke: ink, r: 6.5 })] : []),
    ],
  });
}

/** Lines at one height take turns: each is seen. */
function dashes(i: number, of: number) {
  const dash = 8;
  return { strokeDasharray: `${dash} ${dash * Math.max(1, of - 1)}`, strokeDashoffset: -dash * i };
}

function stepAxes(steps: number) {
  return {
    height: HEIGHT,
    marginLeft: MARGIN_LEFT,
    marginRight: 14,
    marginBottom: 38,
    x: {
      domain: [0, Math.max(1, steps)],
      ticks: Math.min(6, Math.max(1, steps)),
      label: 'step',
      labelAnchor: 'center',
      labelArrow: 'none',
    },
    y: { grid: true, ticks: 4, nice: true, label: null },
  } as const;
}
