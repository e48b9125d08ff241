import { type RefObject, useEffect, useRef, useState } from 'react';
import { createCanvasDrawer } from './canvas-drawer.ts';
import type { Drawer, Scene } from './drawer.ts';

/** How points reach the screen at the moment. */
export interface Drawing {
  readonly kind: 'loading' | 'webgl' | 'canvas2d';
  /** Why not WebGL, in words; null on WebGL. */
  readonly note: string | null;
}

/**
 * Keeps a drawer on `host` and draws `scene` whenever it changes. deck.gl is loaded only here, when a
 * plot is shown; where WebGL 2 is missing, fails or is lost, Canvas 2D takes over with the same scene.
 */
export function useDrawer(host: RefObject<HTMLDivElement | null>, scene: Scene | null): Drawing {
  const drawer = useRef<Drawer | null>(null);
  const latest = useRef(scene);
  const [drawing, setDrawing] = useState<Drawing>({ kind: 'loading', note: null });
  latest.current = scene;

  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    let gone = false;
    const use = (made: Drawer, note: string | null) => {
      drawer.current?.destroy();
      drawer.current = made;
      setDrawing({ kind: made.kind, note });
      if (latest.current !== null) made.draw(latest.current);
    };
    const fallBack = (reason: string) => {
      if (!gone && drawer.current?.kind !== 'canvas2d') {
        use(createCanvasDrawer(parent), `Drawn without WebGL (${reason}): slower with many cells.`);
      }
    };
    import('./deck-drawer.ts').then(
      ({ createDeckDrawer, hasWebGL2 }) => {
        if (gone) return;
        if (hasWebGL2()) use(createDeckDrawer(parent, fallBack), null);
        else fallBack('this browser gives none');
      },
      (error: unknown) => fallBack(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      gone = true;
      drawer.current?.destroy();
      drawer.current = null;
    };
  }, [host]);

  useEffect(() => {
    if (scene !== null) drawer.current?.draw(scene);
  }, [scene]);

  return drawing;
}
