import { type Markish, type PlotOptions, plot, type ScaleOptions, text } from '@observablehq/plot';
import { categoricalColor, toHex } from '../../analysis/palette.ts';
import { shortened } from '../numbers.ts';

/** Where a plot is drawn: the page, an export or Node, on a light or a dark ground. */
export interface PlotContext {
  readonly document: Document;
  readonly dark: boolean;
  /** CSS pixels. */
  readonly width: number;
}

/** Colours of the ground that a plot stands on, of its text and of what is only there to guide the eye. */
export function groundColors(dark: boolean): {
  readonly ground: string;
  readonly ink: string;
  readonly muted: string;
} {
  return dark
    ? { ground: '#242424', ink: '#e6e8eb', muted: '#8d949b' }
    : { ground: '#ffffff', ink: '#1f2328', muted: '#6b737b' };
}

/** Colour of the i-th class or method. */
export function classColor(index: number, dark: boolean): string {
  return toHex(categoricalColor(index, dark));
}

/** Plots of less width have room for short names and few ticks. */
const NARROW = 420;

/** Letters of a name that a plot has room for. */
function nameLength(width: number): number {
  return width < NARROW ? 15 : 28;
}

/** A name of the file as a plot has room for; the whole of it stands in the mark's title. */
export function plotName(name: string, width: number): string {
  return shortened(name, nameLength(width));
}

/** Room for names beside an axis, in CSS pixels: text cannot be measured without a browser. */
export function roomForNames(names: readonly string[], width: number): number {
  return 18 + 6.6 * Math.max(4, ...names.map((name) => Math.min(nameLength(width), [...name].length)));
}

const KEY_ROW = 16;

/**
 * Names of the colours above a plot: room for them and the marks that write them.
 * @param marginLeft of the plot: the key starts at its edge, where long names have most room
 */
export function colorKey(
  entries: readonly { readonly name: string; readonly color: string; readonly sign?: string }[],
  marginLeft: number,
): { readonly marginTop: number; readonly marks: readonly Markish[] } {
  const marks = entries.flatMap(({ name, color, sign = '●' }, row) => {
    const place = {
      frameAnchor: 'top-left',
      textAnchor: 'start',
      dx: 6 - marginLeft,
      dy: -KEY_ROW * (entries.length - row),
    } as const;
    return [
      text([sign], { ...place, text: (d: string) => d, fill: color, fontSize: 13 }),
      text([name], { ...place, dx: 21 - marginLeft, text: (d: string) => d }),
    ];
  });
  return { marginTop: 20 + KEY_ROW * entries.length, marks };
}

/** Room for an axis of shares below a plot. */
export const SHARE_MARGIN = 44;

/** An axis from 0 to 1 with its name under the middle. */
export function shareAxis(label: string, width: number): ScaleOptions {
  const ticks = width < NARROW ? 2 : 5;
  return { domain: [0, 1], ticks, label, labelAnchor: 'center', labelArrow: 'none', labelOffset: 38 };
}

/** Room for the ticks at the left of a square. */
export const SQUARE_LEFT = 44;

/** Size, margins and axes of one share over another, the upright one's name above it. */
export function shareSquare(width: number, across: string, up: string): PlotOptions {
  return {
    height: Math.min(width, 420),
    marginLeft: SQUARE_LEFT,
    marginBottom: SHARE_MARGIN,
    x: shareAxis(across, width),
    y: { domain: [0, 1], ticks: 5, label: up, labelArrow: 'none', grid: true },
  };
}

/** An axis of names without a name of its own. */
export function namesAxis(names: readonly string[], width: number): ScaleOptions {
  return { domain: names, label: null, tickFormat: (name: string) => plotName(name, width), tickSize: 0 };
}

/** @param name says what is drawn to who cannot see it */
export function framed(
  { document, dark, width }: PlotContext,
  name: string,
  options: PlotOptions,
): SVGElement {
  const { ink } = groundColors(dark);
  const drawn = plot({
    document,
    width,
    ariaLabel: name,
    ...options,
    style: { color: ink, background: 'transparent', fontSize: '12px', overflow: 'visible' },
  }) as SVGElement;
  // Named by Plot for its marks; inside a picture they name nothing, and groups may have no name.
  for (const part of drawn.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  drawn.setAttribute('role', 'img');
  return drawn;
}
