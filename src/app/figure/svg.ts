import { escapeXml } from '../../report/escape.ts';
import { project } from '../scatter/viewport.ts';
import { type FigureSpec, layOutFigure } from './figure.ts';

const FONTS = "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif";

/** The figure as an SVG document: one circle a cell, all text as text. */
export function figureSvg(spec: FigureSpec): string {
  const f = layOutFigure(spec);
  const { width, height } = f.size;
  const out: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" font-family="${escapeXml(FONTS)}">`,
    `<title>${escapeXml(spec.title)}</title>`,
    `<rect width="100%" height="100%" fill="${f.background}"/>`,
    `<g fill-opacity="0.86">`,
  ];
  const usual = 220;
  for (let i = 0; i < f.points.count; i++) {
    const x = f.points.positions[2 * i] as number;
    const y = f.points.positions[2 * i + 1] as number;
    const [px, py] = project(f.viewport, f.plotSize, x, y);
    const [r, g, b, alpha] = f.points.colors.subarray(4 * i, 4 * i + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const fill = ((1 << 24) | (r << 16) | (g << 8) | b).toString(16).slice(1);
    const opacity = alpha === usual ? '' : ` fill-opacity="${(alpha / 255).toFixed(2)}"`;
    out.push(
      `<circle cx="${(f.plotX + px).toFixed(1)}" cy="${(f.plotY + py).toFixed(1)}" r="${f.radius.toFixed(1)}" fill="#${fill}"${opacity}/>`,
    );
  }
  out.push('</g>');
  if (f.bar !== null) {
    const last = f.bar.stops.length - 1;
    const stops = f.bar.stops.map(
      (color, k) => `<stop offset="${((100 * k) / last).toFixed(1)}%" stop-color="${escapeXml(color)}"/>`,
    );
    out.push(
      `<defs><linearGradient id="colours">${stops.join('')}</linearGradient></defs>`,
      `<rect x="${f.bar.x}" y="${f.bar.y}" width="${f.bar.width}" height="${f.bar.height}" fill="url(#colours)"/>`,
    );
  }
  for (const { x, y, r, color } of f.swatches) {
    out.push(`<circle cx="${x}" cy="${y}" r="${r}" fill="${escapeXml(color)}"/>`);
  }
  for (const t of f.texts) {
    const weight = t.bold ? ' font-weight="600"' : '';
    const anchor = t.anchor === 'end' ? ' text-anchor="end"' : '';
    out.push(
      `<text x="${t.x}" y="${t.y}" font-size="${t.size}"${weight}${anchor} fill="${t.muted ? f.muted : f.ink}">${escapeXml(t.text)}</text>`,
    );
  }
  out.push('</svg>', '');
  return out.join('\n');
}
