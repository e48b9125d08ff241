import { Deck, OrthographicView } from '@deck.gl/core';
import { ScatterplotLayer } from '@deck.gl/layers';
import type { Drawer } from './drawer.ts';
import type { PointBuffers } from './points.ts';

/** Length, positions and colours as deck.gl takes them without one object per point. */
interface BinaryPoints {
  readonly length: number;
  readonly attributes: {
    readonly getPosition: { readonly value: Float32Array; readonly size: 2 };
    readonly getFillColor: { readonly value: Uint8Array; readonly size: 4; readonly normalized: true };
  };
}

/**
 * Points by WebGL 2. Interaction stays with the page (one code for both drawers), so deck.gl neither
 * controls the view nor picks.
 * @param onFail WebGL is missing or its context was lost; the caller draws otherwise from then on.
 */
export function createDeckDrawer(parent: HTMLDivElement, onFail: (reason: string) => void): Drawer {
  let alive = true;
  const fail = (reason: string) => {
    if (alive) onFail(reason);
  };
  const canvas = document.createElement('canvas');
  canvas.setAttribute('aria-hidden', 'true');
  canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%';
  canvas.addEventListener('webglcontextlost', () => fail('the WebGL context was lost'));
  parent.append(canvas);
  const deck = new Deck({
    canvas,
    views: new OrthographicView({ id: 'plane', flipY: false }),
    controller: false,
    layers: [],
    viewState: { target: [0, 0, 0], zoom: 0 },
    onError: (error) => fail(error.message),
    // deck.gl makes its canvas focusable; the frame around it takes the keyboard.
    onLoad: () => {
      canvas.tabIndex = -1;
    },
  });
  let shown: { points: PointBuffers; data: BinaryPoints } | null = null;
  return {
    kind: 'webgl',
    draw({ points, viewport, radius }) {
      if (shown?.points !== points) shown = { points, data: binary(points) };
      const layer = new ScatterplotLayer({
        id: 'cells',
        data: shown.data,
        radiusUnits: 'pixels',
        getRadius: 1,
        radiusScale: radius,
        pickable: false,
        antialiasing: true,
        parameters: { depthCompare: 'always', depthWriteEnabled: false },
      });
      deck.setProps({
        viewState: { target: [viewport.x, viewport.y, 0], zoom: viewport.zoom },
        layers: [layer],
      });
    },
    destroy() {
      alive = false;
      deck.finalize();
      canvas.remove();
    },
  };
}

/** Whether the browser gives a WebGL 2 context at all; the probe's context is released at once. */
export function hasWebGL2(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2');
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return gl !== null;
}

function binary(points: PointBuffers): BinaryPoints {
  return {
    length: points.count,
    attributes: {
      getPosition: { value: points.positions, size: 2 },
      getFillColor: { value: points.colors, size: 4, normalized: true },
    },
  };
}
