import type { Evaluation, MethodResult } from '../../probe/results.ts';
import { cellTypesPlot } from './cell-types.ts';
import { confusionPlot } from './confusion.ts';
import { coveragePlot } from './coverage.ts';
import { donorsPlot } from './donors.ts';
import type { PlotContext } from './frame.ts';
import { methodsPlot } from './methods.ts';
import { reliabilityPlot } from './reliability.ts';
import { rocPlot } from './roc.ts';

/** A plot by name, drawn when and where it is wanted. */
export interface NamedPlot {
  /** Part of a file name. */
  readonly id: string;
  readonly title: string;
  /** How to read it. */
  readonly note: string;
  readonly draw: (context: PlotContext) => SVGElement;
}

/** What compares the methods. */
export function comparingPlots(evaluation: Evaluation): readonly NamedPlot[] {
  const plots: NamedPlot[] = [
    {
      id: 'methods',
      title: 'All methods',
      note: 'dots: the same tested cells; lines: 95 % intervals over donors, where there are enough; band: what the probe reaches with permuted labels',
      draw: (context) => methodsPlot(context, evaluation),
    },
  ];
  if (evaluation.methods.some(({ byCellType }) => byCellType.length > 0)) {
    plots.push({
      id: 'cell-types',
      title: 'By cell type',
      note: 'accuracy within each cell type, tested cells at the right',
      draw: (context) => cellTypesPlot(context, evaluation),
    });
  }
  return plots;
}

/**
 * What shows one method; only plots that it has the numbers for.
 * @param threshold marked on the curve of coverage; null marks none.
 */
export function methodPlots(
  classes: readonly string[],
  method: MethodResult,
  threshold: number | null,
): readonly NamedPlot[] {
  const plots: NamedPlot[] = [
    {
      id: 'confusion',
      title: 'Confusion',
      note: 'tested cells by recorded and predicted class, coloured by share of the row',
      draw: (context) => confusionPlot(context, classes, method.confusion),
    },
  ];
  if (method.byGroup.length > 0) {
    plots.push({
      id: 'donors',
      title: 'Donors',
      note: 'filled: the donor’s mean probability is highest for what is recorded; hollow: it is not',
      draw: (context) => donorsPlot(context, classes, method),
    });
  }
  if (method.curves.length > 0) {
    plots.push({
      id: 'roc',
      title: 'ROC',
      note: 'over all tested cells of all folds together: with donors held out, chance is not the diagonal but the permuted figure of the table',
      draw: (context) => rocPlot(context, method),
    });
  }
  if (method.reliability.some(({ n }) => n > 0)) {
    plots.push({
      id: 'reliability',
      title: 'Reliability',
      note: 'dots sized by cells; below the dashed line it is surer than it is right',
      draw: (context) => reliabilityPlot(context, method),
    });
  }
  if (method.coverage.length > 0) {
    plots.push({
      id: 'coverage',
      title: 'Abstention',
      note: 'accuracy of what is still answered as unsure answers are left out; dashed: all answered',
      draw: (context) => coveragePlot(context, method, threshold),
    });
  }
  return plots;
}
