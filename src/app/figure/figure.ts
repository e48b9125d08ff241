import { DISCLAIMER } from '../../run/messages.ts';
import { formatNumber } from '../scatter/format.ts';
import { defaultRadius, type PointBuffers, pointBuffers } from '../scatter/points.ts';
import type { LegendItem, LegendModel } from '../scatter/types.ts';
import { fitViewport, type Size, type Viewport } from '../scatter/viewport.ts';

/** A picture of all cells, as it is saved. Text comes from files: it is data, drawn and escaped as such. */
export interface FigureSpec {
  readonly title: string;
  /** [n, 2] */
  readonly positions: Float32Array;
  /** [n, 4] */
  readonly colors: Uint8Array;
  readonly legend: LegendModel;
  /** True where a prediction is drawn: adds the disclaimer. */
  readonly predicted: boolean;
  /** Dark ground. */
  readonly dark: boolean;
  /** Further lines of the footer: model, data set and its credit. */
  readonly footer?: readonly string[];
  /** Of the plot without legend; default 720 × 640. */
  readonly plot?: Size;
}

interface TextShape {
  readonly x: number;
  /** Baseline */
  readonly y: number;
  readonly text: string;
  readonly size: number;
  readonly bold: boolean;
  readonly anchor: 'start' | 'end';
  readonly muted: boolean;
}

/** Everything of a figure in CSS pixels, before anybody draws it: the same for SVG and PNG. */
export interface FigureLayout {
  readonly size: Size;
  readonly background: string;
  readonly ink: string;
  readonly muted: string;
  readonly texts: readonly TextShape[];
  readonly swatches: readonly {
    readonly x: number;
    readonly y: number;
    readonly r: number;
    readonly color: string;
  }[];
  readonly bar: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly stops: readonly string[];
  } | null;
  /** Where the points go: `viewport` maps data into a plane of `plotSize` at (plotX, plotY). */
  readonly plotX: number;
  readonly plotY: number;
  readonly plotSize: Size;
  readonly viewport: Viewport;
  readonly points: PointBuffers;
  readonly radius: number;
}

const MARGIN = 20;
const ROW = 18;
const FONT = 12;
const COLUMN = 230;
const LABEL_LENGTH = 26;
/** Legend rows a picture holds; what is more is said, not drawn. */
const MOST_ROWS = 120;

/** Lays a figure out. Pure: no DOM, text widths are estimated from their length. */
export function layOutFigure(spec: FigureSpec): FigureLayout {
  const plotSize = spec.plot ?? { width: 720, height: 640 };
  const top = MARGIN + 30;
  const texts: TextShape[] = [];
  const write = (x: number, y: number, text: string, style: Partial<TextShape> = {}) =>
    texts.push({ x, y, text, size: FONT, bold: false, anchor: 'start', muted: false, ...style });
  write(MARGIN, MARGIN + 12, shortened(spec.title, 110), { size: 16, bold: true });

  const left = MARGIN + plotSize.width + MARGIN;
  write(left, top + FONT, shortened(spec.legend.title, 32), { bold: true, size: 13 });
  let rowsTop = top + 26;
  let bar: FigureLayout['bar'] = null;
  if (spec.legend.kind === 'continuous') {
    bar = { x: left, y: rowsTop, width: COLUMN - 60, height: 12, stops: spec.legend.stops };
    write(left, rowsTop + 28, formatNumber(spec.legend.range[0]));
    write(left + bar.width, rowsTop + 28, formatNumber(spec.legend.range[1]), { anchor: 'end' });
    rowsTop += 44;
  }
  const perColumn = Math.max(1, Math.floor((top + plotSize.height - rowsTop) / ROW));
  const rows = spec.legend.items.slice(0, MOST_ROWS);
  const swatches = rows.map((item, i) => {
    const x = left + Math.floor(i / perColumn) * COLUMN;
    const y = rowsTop + (i % perColumn) * ROW;
    write(x + 16, y + 12, shortened(labelOf(item), LABEL_LENGTH));
    write(x + COLUMN - 16, y + 12, item.count.toLocaleString('en'), { anchor: 'end', muted: true });
    return { x: x + 5, y: y + 8, r: 5, color: item.color };
  });
  const notes = new Set(rows.flatMap((item) => item.note ?? []));
  const hidden = spec.legend.items.length - rows.length;
  const columns = Math.max(1, Math.ceil(rows.length / perColumn));

  const footer = [
    ...(spec.predicted ? [capitalized(DISCLAIMER)] : []),
    ...[...notes].map((note) => `* ${note}`),
    ...(spec.footer ?? []),
  ];
  if (hidden > 0) footer.push(`${hidden} more legend rows are not drawn`);
  const bottom = top + plotSize.height + 12;
  footer.forEach((line, i) => {
    const warning = spec.predicted && i === 0;
    write(MARGIN, bottom + (i + 1) * ROW, shortened(line, 150), { bold: warning, muted: !warning });
  });
  return {
    size: {
      width: left + columns * COLUMN + MARGIN - 16,
      height: bottom + footer.length * ROW + MARGIN,
    },
    background: spec.dark ? '#16181c' : '#ffffff',
    ink: spec.dark ? '#f2f3f5' : '#16181c',
    muted: spec.dark ? '#a4a9b0' : '#5c6269',
    texts,
    swatches,
    bar,
    plotX: MARGIN,
    plotY: top,
    plotSize,
    viewport: fitViewport(spec.positions, plotSize, 12),
    points: pointBuffers(spec.positions, spec.colors),
    radius: defaultRadius(spec.positions.length / 2),
  };
}

function labelOf(item: LegendItem): string {
  return item.note === undefined ? item.label : `${item.label} *`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Cut to `most` characters (not UTF-16 halves) with an ellipsis. */
function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
