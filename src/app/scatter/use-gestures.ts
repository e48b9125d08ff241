import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { lassoIndices } from './lasso.ts';
import type { ScatterProps } from './types.ts';
import { panned, type Size, unproject, type Viewport, zoomedAt } from './viewport.ts';

/** Movement in CSS pixels below which a press is a click. */
const CLICK_SLOP = 4;

interface GestureInputs {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly size: Size | null;
  readonly viewport: Viewport | null;
  /** null = follow the points again. */
  readonly setViewport: (view: Viewport | null) => void;
  /** The cell at a place of the plane. */
  readonly pick: (x: number, y: number) => number | null;
  readonly props: ScatterProps;
}

type Point = readonly [number, number];

/**
 * Pointer (mouse, pen, touch with pinch), wheel and keyboard of the scatter plot. Everything is in CSS
 * pixels of the frame until it is turned into data coordinates by the viewport.
 */
export function useGestures(inputs: GestureInputs) {
  const { frame, size, viewport, props } = inputs;
  const [hovered, setHovered] = useState<number | null>(null);
  const [lasso, setLasso] = useState<readonly Point[]>([]);
  const [panning, setPanning] = useState(false);
  const pointers = useRef(new Map<number, Point>());
  const travelled = useRef(0);
  const drawn = useRef<Point[] | null>(null);
  const latest = useRef(inputs);
  latest.current = inputs;

  const hover = useCallback((index: number | null) => {
    setHovered((before) => {
      if (before !== index) latest.current.props.onHover?.(index);
      return index;
    });
  }, []);
  const forgetHover = useCallback(() => hover(null), [hover]);

  // Points that move away from under a resting pointer must not keep its tooltip.
  const hoveredOf = useRef(props.positions);
  useEffect(() => {
    if (hoveredOf.current !== props.positions) forgetHover();
    hoveredOf.current = props.positions;
  }, [props.positions, forgetHover]);

  // React listens to wheel passively, and a passive listener cannot keep the page from scrolling.
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const onWheel = (event: WheelEvent) => {
      const now = latest.current;
      if (now.viewport === null || now.size === null) return;
      event.preventDefault();
      const [px, py] = within(element, event);
      const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1);
      now.setViewport(zoomedAt(now.viewport, now.size, px, py, Math.max(-1, Math.min(1, -pixels / 200))));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [frame]);

  const endLasso = () => {
    const path = drawn.current;
    drawn.current = null;
    setLasso([]);
    if (path === null || viewport === null || size === null || travelled.current < CLICK_SLOP) return false;
    const polygon = path.flatMap(([px, py]) => unproject(viewport, size, px, py));
    props.onLasso?.(lassoIndices(props.positions, polygon, props.colors));
    return true;
  };

  const pickAt = ([px, py]: Point) => {
    if (viewport === null || size === null) return null;
    return inputs.pick(...unproject(viewport, size, px, py));
  };

  const handlers = {
    onPointerDown(event: React.PointerEvent<HTMLDivElement>) {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      const at = within(event.currentTarget, event);
      pointers.current.set(event.pointerId, at);
      if (pointers.current.size > 1) {
        drawn.current = null;
        setLasso([]);
        return;
      }
      travelled.current = 0;
      if (props.mode === 'lasso' || event.shiftKey) drawn.current = [at];
      else setPanning(true);
    },
    onPointerMove(event: React.PointerEvent<HTMLDivElement>) {
      const at = within(event.currentTarget, event);
      const before = pointers.current.get(event.pointerId);
      if (before === undefined) {
        hover(pickAt(at));
        return;
      }
      pointers.current.set(event.pointerId, at);
      travelled.current += Math.hypot(at[0] - before[0], at[1] - before[1]);
      if (viewport === null || size === null) return;
      if (pointers.current.size === 2) {
        const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1] ?? at;
        const was = Math.hypot(before[0] - other[0], before[1] - other[1]);
        const is = Math.hypot(at[0] - other[0], at[1] - other[1]);
        const half = panned(viewport, (at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
        const steps = was > 0 && is > 0 ? Math.log2(is / was) : 0;
        inputs.setViewport(zoomedAt(half, size, (at[0] + other[0]) / 2, (at[1] + other[1]) / 2, steps));
      } else if (drawn.current !== null) {
        drawn.current.push(at);
        setLasso([...drawn.current]);
      } else if (travelled.current >= CLICK_SLOP) {
        forgetHover();
        inputs.setViewport(panned(viewport, at[0] - before[0], at[1] - before[1]));
      }
    },
    onPointerUp(event: React.PointerEvent<HTMLDivElement>) {
      if (!pointers.current.delete(event.pointerId) || pointers.current.size > 0) return;
      setPanning(false);
      if (endLasso() || travelled.current >= CLICK_SLOP) return;
      const index = pickAt(within(event.currentTarget, event));
      if (index !== null) props.onClick?.(index);
    },
    onPointerCancel(event: React.PointerEvent<HTMLDivElement>) {
      pointers.current.delete(event.pointerId);
      drawn.current = null;
      setLasso([]);
      setPanning(false);
    },
    onPointerLeave: forgetHover,
    onDoubleClick(event: React.MouseEvent<HTMLDivElement>) {
      if (viewport === null || size === null || props.mode === 'lasso') return;
      inputs.setViewport(
        zoomedAt(viewport, size, ...within(event.currentTarget, event), event.altKey ? -1 : 1),
      );
    },
    onKeyDown(event: React.KeyboardEvent<HTMLDivElement>) {
      if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
      if (viewport === null || size === null) return;
      const view = keyView(event.key, viewport, size);
      if (view !== undefined) inputs.setViewport(view);
      else if (event.key === 'l') props.onModeChange?.(props.mode === 'lasso' ? 'pan' : 'lasso');
      else if (event.key === 'Escape' && drawn.current !== null) {
        drawn.current = null;
        setLasso([]);
      } else if (event.key === 'Escape') props.onClear?.();
      else return;
      event.preventDefault();
    },
  };
  const cursor =
    props.mode === 'lasso' ? 'crosshair' : panning ? 'grabbing' : hovered !== null ? 'pointer' : 'grab';
  return { hovered, lasso, cursor, handlers };
}

/** The view a key asks for: null = everything, undefined = not a key of the view. */
function keyView(key: string, view: Viewport, size: Size): Viewport | null | undefined {
  const step = 0.12 * Math.min(size.width, size.height);
  switch (key) {
    case 'ArrowLeft':
      return panned(view, step, 0);
    case 'ArrowRight':
      return panned(view, -step, 0);
    case 'ArrowUp':
      return panned(view, 0, step);
    case 'ArrowDown':
      return panned(view, 0, -step);
    case '+':
    case '=':
      return zoomedAt(view, size, size.width / 2, size.height / 2, 0.5);
    case '-':
    case '_':
      return zoomedAt(view, size, size.width / 2, size.height / 2, -0.5);
    case '0':
      return null;
    default:
      return undefined;
  }
}

function within(element: Element, event: { clientX: number; clientY: number }): [number, number] {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}
