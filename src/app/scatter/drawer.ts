import type { PointBuffers } from './points.ts';
import type { Size, Viewport } from './viewport.ts';

/** One frame: the same for WebGL, Canvas 2D and the exported picture. */
export interface Scene {
  /** A new reference means new points. */
  readonly points: PointBuffers;
  readonly viewport: Viewport;
  readonly size: Size;
  /** CSS pixels */
  readonly radius: number;
}

/** Draws scenes into an element it was made for. */
export interface Drawer {
  readonly kind: 'webgl' | 'canvas2d';
  draw(scene: Scene): void;
  destroy(): void;
}
