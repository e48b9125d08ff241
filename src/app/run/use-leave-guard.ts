import { useEffect } from 'react';
import { useApp } from '../state/store.ts';

/** Asks before a tab with a run in it is closed. */
export function useLeaveGuard(): void {
  const running = useApp((state) => state.phase === 'embedding' || state.phase === 'layout');
  useEffect(() => {
    if (!running) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [running]);
}
