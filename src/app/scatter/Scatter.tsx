import { useCallback, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { PointIndex } from './point-index.ts';
import { defaultRadius, pointBuffers } from './points.ts';
import type { ScatterProps } from './types.ts';
import { useDrawer } from './use-drawer.ts';
import { useGestures } from './use-gestures.ts';
import { fitViewport, project, type Size, type Viewport } from './viewport.ts';

/** How far beyond its edge, in CSS pixels, a point still takes the pointer. */
const REACH = 6;

/**
 * Cells as points of the plane: drag pans, wheel or pinch zooms, Shift-drag or lasso mode draws a
 * lasso, hover shows a tooltip. With the keyboard: arrows pan, + and − zoom, 0 shows everything, l
 * switches the lasso, Escape clears. Fills its parent, which must have a height.
 */
export function Scatter(props: ScatterProps) {
  const { positions, colors, selected = null, highlighted = null, viewKey = '', tooltip } = props;
  const host = useRef<HTMLDivElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size | null>(null);
  const [moved, setMoved] = useState<{ view: Viewport; key: string } | null>(null);
  const helpId = useId();

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);

  const fitted = useMemo(() => (size === null ? null : fitViewport(positions, size)), [positions, size]);
  // Until the user moves it, the view follows the points: a layout grows while it is computed.
  const viewport = moved !== null && moved.key === viewKey ? moved.view : fitted;
  const points = useMemo(() => pointBuffers(positions, colors, selected), [positions, colors, selected]);
  const index = useMemo(() => new PointIndex(positions), [positions]);
  const radius = props.radius ?? defaultRadius(positions.length / 2);
  const scene = useMemo(
    () => (viewport === null || size === null ? null : { points, viewport, size, radius }),
    [points, viewport, size, radius],
  );
  const drawing = useDrawer(host, scene);

  const pick = useCallback(
    (x: number, y: number): number | null => {
      if (viewport === null) return null;
      const reach = (radius + REACH) / 2 ** viewport.zoom;
      const found = index.nearest(x, y, reach, (i) => (colors[4 * i + 3] as number) > 0);
      return found < 0 ? null : found;
    },
    [index, colors, viewport, radius],
  );
  const gestures = useGestures({
    frame,
    size,
    viewport,
    setViewport: (view) => setMoved(view === null ? null : { view, key: viewKey }),
    pick,
    props,
  });

  const ring = highlighted === null ? null : place(positions, highlighted, viewport, size);
  const hovered = gestures.hovered === null ? null : place(positions, gestures.hovered, viewport, size);
  const ink = props.dark ? '#ffffff' : '#111111';
  return (
    <div
      ref={frame}
      className="scatter"
      role="application"
      aria-roledescription="scatter plot"
      aria-label={props.ariaLabel}
      aria-describedby={helpId}
      data-drawer={drawing.kind}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the plot takes the keyboard as an application
      tabIndex={0}
      style={{
        position: 'relative',
        width: '100%',
        height: '100%',
        overflow: 'hidden',
        touchAction: 'none',
        cursor: gestures.cursor,
      }}
      {...gestures.handlers}
    >
      <div ref={host} style={{ position: 'absolute', inset: 0, pointerEvents: 'none' }} />
      <svg
        aria-hidden="true"
        width="100%"
        height="100%"
        style={{ position: 'absolute', inset: 0, pointerEvents: 'none' }}
      >
        {gestures.lasso.length > 1 && (
          <polygon
            points={gestures.lasso.map((p) => p.join(',')).join(' ')}
            fill={props.dark ? 'rgba(255,255,255,0.12)' : 'rgba(0,0,0,0.08)'}
            stroke={ink}
            strokeDasharray="4 3"
          />
        )}
        {hovered !== null && (
          <circle cx={hovered[0]} cy={hovered[1]} r={radius + 2} fill="none" stroke={ink} />
        )}
        {ring !== null && (
          <circle cx={ring[0]} cy={ring[1]} r={radius + 4} fill="none" stroke={ink} strokeWidth={2} />
        )}
      </svg>
      {hovered !== null && gestures.hovered !== null && tooltip !== undefined && size !== null && (
        <div className="scatter-tooltip" role="tooltip" style={tooltipStyle(hovered, size)}>
          {tooltip(gestures.hovered)}
        </div>
      )}
      {drawing.note !== null && (
        <p
          className="scatter-note"
          role="status"
          style={{ position: 'absolute', left: 8, bottom: 4, margin: 0 }}
        >
          {drawing.note}
        </p>
      )}
      <span id={helpId} hidden>
        Arrow keys pan, plus and minus zoom, 0 shows all cells, l switches the lasso, Escape clears the
        selection.
      </span>
    </div>
  );
}

/** Where a cell is on screen; null while it is not placed. */
function place(
  positions: Float32Array,
  index: number,
  viewport: Viewport | null,
  size: Size | null,
): [number, number] | null {
  const x = positions[2 * index];
  const y = positions[2 * index + 1];
  if (x === undefined || y === undefined || viewport === null || size === null) return null;
  return Number.isFinite(x) && Number.isFinite(y) ? project(viewport, size, x, y) : null;
}

/** Beside the point, on the side where there is more room. */
function tooltipStyle([x, y]: [number, number], size: Size): React.CSSProperties {
  return {
    position: 'absolute',
    pointerEvents: 'none',
    maxWidth: 'min(22rem, 60%)',
    ...(x < size.width / 2 ? { left: x + 12 } : { right: size.width - x + 12 }),
    ...(y < size.height / 2 ? { top: y + 12 } : { bottom: size.height - y + 12 }),
  };
}
