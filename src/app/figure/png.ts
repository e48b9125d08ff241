import { paintPoints } from '../scatter/canvas-drawer.ts';
import { type FigureSpec, layOutFigure } from './figure.ts';

/** The picture could not be made; `code` for messages. */
class FigureError extends Error {
  override readonly name = 'FigureError';
  readonly code = 'figure-not-drawn';
}

/**
 * The figure as a PNG of `scale` pixels a CSS pixel (2 for screens, 3 for print), drawn apart from the
 * page.
 * @throws FigureError where the browser gives no canvas of that size.
 */
export async function figurePng(spec: FigureSpec, scale: 1 | 2 | 3 = 2): Promise<Blob> {
  const f = layOutFigure(spec);
  const canvas = new OffscreenCanvas(Math.ceil(f.size.width * scale), Math.ceil(f.size.height * scale));
  const context = canvas.getContext('2d');
  if (context === null) throw new FigureError('This browser gives no canvas for a picture of this size.');
  context.scale(scale, scale);
  context.fillStyle = f.background;
  context.fillRect(0, 0, f.size.width, f.size.height);

  context.save();
  context.translate(f.plotX, f.plotY);
  paintPoints(context, { points: f.points, viewport: f.viewport, size: f.plotSize, radius: f.radius });
  context.restore();

  if (f.bar !== null) {
    const { x, y, width, height, stops } = f.bar;
    const gradient = context.createLinearGradient(x, 0, x + width, 0);
    stops.forEach((color, k) => {
      gradient.addColorStop(k / (stops.length - 1), color);
    });
    context.fillStyle = gradient;
    context.fillRect(x, y, width, height);
  }
  for (const { x, y, r, color } of f.swatches) {
    context.fillStyle = color;
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.fill();
  }
  for (const t of f.texts) {
    context.font = `${t.bold ? 600 : 400} ${t.size}px system-ui, sans-serif`;
    context.textAlign = t.anchor;
    context.fillStyle = t.muted ? f.muted : f.ink;
    context.fillText(t.text, t.x, t.y);
  }
  return canvas.convertToBlob({ type: 'image/png' });
}
