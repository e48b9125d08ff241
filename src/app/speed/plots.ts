import { barX, dot, text } from '@observablehq/plot';
import {
  classColor,
  colorKey,
  framed,
  groundColors,
  type PlotContext,
  SHARE_MARGIN,
  shareAxis,
} from '../../report/plots/frame.ts';
import type { NamedPlot } from '../../report/plots/list.ts';
import { MODEL_SHAPES } from '../../speed/model-shapes.ts';
import type { SpeedReport } from '../../speed/report.ts';
import { formatPercent } from '../common/format.ts';
import { contestantName, formatSpeed } from './words.ts';

const ROW = 34;
const MARGIN_LEFT = 64;
const MODELS = MODEL_SHAPES.map(({ name }) => name);

/** What there is to draw of a report so far. */
export function speedPlots(report: SpeedReport): readonly NamedPlot[] {
  const plots: NamedPlot[] = [];
  if (report.models.length > 0) {
    plots.push({
      id: 'models',
      title: 'Cells a second by size of the model',
      note: 'cells of 1,000 genes; the axis grows tenfold a step',
      draw: (context) => modelsPlot(context, report),
    });
  }
  if (report.peak !== null && report.gemm.length > 0) {
    plots.push({
      id: 'products',
      title: 'Matrix products on the GPU',
      note: 'share of the arithmetic that this GPU was measured to do at most',
      draw: (context) => productsPlot(context, report),
    });
  }
  return plots;
}

function modelsPlot(context: PlotContext, { models }: SpeedReport): SVGElement {
  const names = [...new Set(models.map(contestantName))];
  const colors = names.map((_, i) => classColor(i, context.dark));
  const key = colorKey(
    names.map((name, i) => ({ name, color: colors[i] })),
    MARGIN_LEFT,
  );
  const speeds = models.map(({ cellsPerSecond }) => cellsPerSecond);
  return framed(context, `Cells a second of ${MODELS.length} model sizes`, {
    height: key.marginTop + ROW * MODELS.length + 40,
    marginLeft: MARGIN_LEFT,
    marginRight: 24,
    marginTop: key.marginTop,
    marginBottom: 40,
    x: {
      type: 'log',
      domain: [Math.min(...speeds) / 2, Math.max(...speeds) * 2],
      grid: true,
      ticks: 4,
      tickFormat: (value: number) => String(Number(value.toPrecision(1))),
      label: 'cells a second',
      labelAnchor: 'center',
      labelArrow: 'none',
    },
    y: { domain: MODELS, label: null, tickSize: 0 },
    color: { domain: names, range: colors },
    marks: [
      ...key.marks,
      dot(models, {
        x: 'cellsPerSecond',
        y: 'model',
        r: 6,
        fill: contestantName,
        title: (model) => `${contestantName(model)}: ${formatSpeed(model.cellsPerSecond)}`,
      }),
    ],
  });
}

function productsPlot(context: PlotContext, { gemm, peak }: SpeedReport): SVGElement {
  const { ink } = groundColors(context.dark);
  const shares = gemm.map(({ model, flops }) => ({ model, share: flops / (peak?.flops ?? flops) }));
  return framed(context, `Share of peak of ${gemm.length} matrix products`, {
    height: ROW * gemm.length + 70,
    marginLeft: MARGIN_LEFT,
    marginRight: 48,
    marginBottom: SHARE_MARGIN,
    x: { ...shareAxis('share of peak', context.width), grid: true },
    y: { domain: gemm.map(({ model }) => model), label: null, tickSize: 0 },
    marks: [
      barX(shares, { x: 'share', y: 'model', fill: classColor(0, context.dark), inset: 3 }),
      text(shares, {
        x: 'share',
        y: 'model',
        dx: 6,
        textAnchor: 'start',
        fill: ink,
        text: ({ share }) => formatPercent(share),
      }),
    ],
  });
}
