import { DISCLAIMER } from '../../model/disclaimer.ts';
import { withoutForbidden } from '../../report/escape.ts';
import { groundColors, type PlotContext } from '../../report/plots/frame.ts';
import type { NamedPlot } from '../../report/plots/list.ts';
import { capital } from '../common/format.ts';

const NAMESPACE = 'http://www.w3.org/2000/svg';
const MARGIN = 20;
const HEAD = 34;
const FOOT = 26;

/** A plot as an SVG document of its own: with its name, a ground and the disclaimer. */
export function plotSvg(plot: NamedPlot, context: PlotContext): string {
  const { document, dark, width } = context;
  const { ground, ink, muted } = groundColors(dark);
  const drawn = plot.draw(context);
  const height = Number(drawn.getAttribute('height'));
  const whole = { width: width + 2 * MARGIN, height: height + HEAD + FOOT + 2 * MARGIN };
  const make = (name: string, attributes: Readonly<Record<string, string | number>>, text = '') => {
    const element = document.createElementNS(NAMESPACE, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    element.textContent = text;
    return element;
  };
  const svg = make('svg', {
    xmlns: NAMESPACE,
    viewBox: `0 0 ${whole.width} ${whole.height}`,
    ...whole,
    'font-family': 'system-ui, sans-serif',
  });
  drawn.setAttribute('x', String(MARGIN));
  drawn.setAttribute('y', String(MARGIN + HEAD));
  const line = { x: MARGIN, 'font-size': 12, fill: muted };
  svg.append(
    make('rect', { width: '100%', height: '100%', fill: ground }),
    make('text', { x: MARGIN, y: MARGIN + 16, 'font-size': 16, 'font-weight': 600, fill: ink }, plot.title),
    drawn,
    make('text', { ...line, y: whole.height - MARGIN }, `${capital(DISCLAIMER)} · teddy-web`),
  );
  return withoutForbidden(new XMLSerializer().serializeToString(svg));
}

/** The same as a picture of `scale` pixels a CSS pixel. @throws where the browser cannot draw it */
export async function plotPng(svg: string, scale = 2): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width * scale, image.height * scale);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser gives no canvas for a picture');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/png' });
}
