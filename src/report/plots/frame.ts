import { type PlotOptions, plot } from '@observablehq/plot';
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

const NAME_LENGTH = 28;

/** A name of the file as a plot has room for; the whole of it stands in the mark's title. */
export function plotName(name: string): string {
  return shortened(name, NAME_LENGTH);
}

/** Room for names beside an axis, in CSS pixels: text cannot be measured without a browser. */
export function roomForNames(names: readonly string[]): number {
  return 18 + 6.6 * Math.max(4, ...names.map((name) => Math.min(NAME_LENGTH, [...name].length)));
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
  drawn.setAttribute('role', 'img');
  return drawn;
}
