import { dot, ruleX } from '@observablehq/plot';
import type { GroupMetrics, MethodResult } from '../../probe/results.ts';
import { counted, figure } from '../numbers.ts';
import {
  classColor,
  colorKey,
  framed,
  groundColors,
  namesAxis,
  type PlotContext,
  plotName,
  roomForNames,
  SHARE_MARGIN,
  shareAxis,
} from './frame.ts';

const ROW = 22;
/** Classes whose colours are named. */
const MOST_NAMES = 8;

/**
 * One dot a donor: for two classes the mean probability of the second over the donor's cells, coloured by
 * what is recorded; for more, or where a donor has several, the share of its cells that are right.
 */
export function donorsPlot(
  context: PlotContext,
  classes: readonly string[],
  method: MethodResult,
): SVGElement {
  const donors = [...method.byGroup].sort(
    (a, b) => a.recorded - b.recorded || a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
  const binary = classes.length === 2 && donors.every(({ recorded }) => recorded >= 0);
  const at = (donor: GroupMetrics) => (binary ? donor.meanProbability[1] : donor.accuracy);
  const color = ({ recorded }: GroupMetrics) =>
    recorded < 0 ? groundColors(context.dark).muted : classColor(recorded, context.dark);
  const names = donors.map(({ name }) => name);
  const recorded = [...new Set(donors.map((donor) => donor.recorded))].filter((c) => c >= 0);
  const left = roomForNames(names, context.width);
  const key = colorKey(
    (recorded.length <= MOST_NAMES ? recorded : []).map((c) => ({
      name: `recorded ${plotName(classes[c], context.width)}`,
      color: classColor(c, context.dark),
    })),
    left,
  );
  const { muted, ground } = groundColors(context.dark);
  return framed(context, `Donors of ${method.name}, one dot each`, {
    height: key.marginTop + SHARE_MARGIN + ROW * Math.max(1, donors.length),
    marginLeft: left,
    marginRight: 24,
    marginTop: key.marginTop,
    marginBottom: SHARE_MARGIN,
    x: {
      ...shareAxis(
        binary
          ? `mean probability of ${plotName(classes[1], context.width)}`
          : 'share of the donor’s cells right',
        context.width,
      ),
      grid: true,
    },
    y: namesAxis(names, context.width),
    marks: [
      ...(binary ? [ruleX([0.5], { stroke: muted, strokeDasharray: '4 4' })] : []),
      dot(donors, {
        x: at,
        y: 'name',
        r: 6,
        fill: (donor: GroupMetrics) => (rightDonor(donor) ? color(donor) : ground),
        stroke: color,
        strokeWidth: 2,
        title: (donor: GroupMetrics) =>
          `${donor.name}: ${figure(at(donor))}, recorded ${classes[donor.recorded] ?? 'several'}, ${counted(donor.n, 'cell')}`,
      }),
      ...key.marks,
    ],
  });
}

function rightDonor({ recorded, predicted }: GroupMetrics): boolean {
  return recorded < 0 || recorded === predicted;
}
