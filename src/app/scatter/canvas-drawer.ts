import type { Drawer, Scene } from './drawer.ts';
import { project } from './viewport.ts';

/** Canvas 2D context of the page or of an OffscreenCanvas. */
type Context2D = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/**
 * Draws the points of a scene in the context's current coordinates (CSS pixels of `scene.size`);
 * clears nothing. Also what the PNG export draws with.
 */
export function paintPoints(context: Context2D, scene: Scene): void {
  const { points, viewport, size, radius } = scene;
  let style = -1;
  for (let i = 0; i < points.count; i++) {
    const [px, py] = project(
      viewport,
      size,
      points.positions[2 * i] as number,
      points.positions[2 * i + 1] as number,
    );
    if (px < -radius || py < -radius || px > size.width + radius || py > size.height + radius) continue;
    const [r, g, b, a] = points.colors.subarray(4 * i, 4 * i + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const next = ((r << 24) | (g << 16) | (b << 8) | a) >>> 0;
    if (next !== style) {
      context.fillStyle = `rgba(${r},${g},${b},${a / 255})`;
      style = next;
    }
    if (radius < 1.2) {
      context.fillRect(px - radius, py - radius, 2 * radius, 2 * radius);
    } else {
      context.beginPath();
      context.arc(px, py, radius, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

/** Points by Canvas 2D: where WebGL is missing or lost. At most one draw a frame. */
export function createCanvasDrawer(parent: HTMLDivElement): Drawer {
  const canvas = document.createElement('canvas');
  canvas.setAttribute('aria-hidden', 'true');
  canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%';
  parent.append(canvas);
  const context = canvas.getContext('2d');
  let waiting: Scene | null = null;
  let frame = 0;
  const paint = () => {
    frame = 0;
    if (waiting === null || context === null) return;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(waiting.size.width * ratio);
    const height = Math.round(waiting.size.height * ratio);
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, waiting.size.width, waiting.size.height);
    paintPoints(context, waiting);
  };
  return {
    kind: 'canvas2d',
    draw(scene) {
      waiting = scene;
      if (frame === 0) frame = requestAnimationFrame(paint);
    },
    destroy() {
      cancelAnimationFrame(frame);
      canvas.remove();
    },
  };
}
