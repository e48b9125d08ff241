/** What part of the plane is seen: centre in data coordinates, zoom = log2(CSS pixels per data unit). */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The view that holds every finite position with `margin` pixels around. One point, or none, is centred. */
export function fitViewport(positions: Float32Array, size: Size, margin = 28): Viewport {
  let left = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < positions.length; i += 2) {
    const x = positions[i] as number;
    const y = positions[i + 1] as number;
    if (!Number.isFinite(x) || !Number.isFinite(y)) continue;
    left = Math.min(left, x);
    right = Math.max(right, x);
    low = Math.min(low, y);
    high = Math.max(high, y);
  }
  if (left > right) return { x: 0, y: 0, zoom: 5 };
  const perUnit = Math.min(
    Math.max(16, size.width - 2 * margin) / (right - left),
    Math.max(16, size.height - 2 * margin) / (high - low),
  );
  const zoom = Number.isFinite(perUnit) ? Math.log2(perUnit) : 5;
  return { x: (left + right) / 2, y: (low + high) / 2, zoom };
}

/** Data to CSS pixels; y grows upwards in data, downwards on screen. */
export function project(view: Viewport, size: Size, x: number, y: number): [number, number] {
  const scale = 2 ** view.zoom;
  return [size.width / 2 + (x - view.x) * scale, size.height / 2 - (y - view.y) * scale];
}

export function unproject(view: Viewport, size: Size, px: number, py: number): [number, number] {
  const scale = 2 ** view.zoom;
  return [view.x + (px - size.width / 2) / scale, view.y - (py - size.height / 2) / scale];
}

/** The view after its content was dragged by (dx, dy) CSS pixels. */
export function panned(view: Viewport, dx: number, dy: number): Viewport {
  const scale = 2 ** view.zoom;
  return { x: view.x - dx / scale, y: view.y + dy / scale, zoom: view.zoom };
}

/** Zoomed by `steps` powers of two with the point under (px, py) held still. */
export function zoomedAt(view: Viewport, size: Size, px: number, py: number, steps: number): Viewport {
  const [x, y] = unproject(view, size, px, py);
  const zoom = Math.min(40, Math.max(-30, view.zoom + steps));
  const scale = 2 ** zoom;
  return { x: x - (px - size.width / 2) / scale, y: y + (py - size.height / 2) / scale, zoom };
}
