import { dot, line, link, ruleX } from '@observablehq/plot';
import type { MethodResult, ReliabilityBin } from '../../probe/results.ts';
import { count, figure } from '../numbers.ts';
import { classColor, framed, groundColors, type PlotContext, shareSquare } from './frame.ts';

/** How often answers of a stated probability are right; on the diagonal it says what it means. */
export function reliabilityPlot(context: PlotContext, method: MethodResult): SVGElement {
  const bins = method.reliability.filter(({ n }) => n > 0);
  const { muted } = groundColors(context.dark);
  const color = classColor(0, context.dark);
  return framed(context, `Reliability of ${method.name}: share right against stated probability`, {
    ...shareSquare(context.width, 'probability of the predicted class', 'share right'),
    r: { domain: [0, Math.max(1, ...bins.map(({ n }) => n))], range: [0, 14] },
    marks: [
      link([0], { x1: 0, y1: 0, x2: 1, y2: 1, stroke: muted, strokeDasharray: '4 4' }),
      // How far each bin is from what it claims.
      ruleX(bins, { x: 'meanProbability', y1: 'meanProbability', y2: 'accuracy', stroke: muted }),
      line(bins, { x: 'meanProbability', y: 'accuracy', stroke: color }),
      dot(bins, {
        x: 'meanProbability',
        y: 'accuracy',
        r: 'n',
        fill: color,
        fillOpacity: 0.55,
        stroke: color,
        title: (bin: ReliabilityBin) =>
          `stated ${figure(bin.meanProbability)}, right ${figure(bin.accuracy)}, ${count(bin.n)} cells`,
      }),
    ],
  });
}
