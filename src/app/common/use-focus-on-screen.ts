import { type RefObject, useEffect, useRef } from 'react';

/** Moves the focus to the new screen, so that keyboard and screen readers follow; not on first load. */
export function useFocusOnScreen(screen: string): RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(screen);
  useEffect(() => {
    if (shown.current === screen) return;
    shown.current = screen;
    main.current?.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }, [screen]);
  return main;
}
