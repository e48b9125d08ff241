import { useEffect } from 'react';
import { useApp } from '../state/store.ts';

/** Asks before a tab is closed with a run in it, or with results that were neither exported nor kept. */
export function useLeaveGuard(): void {
  const atStake = useApp((state) => state.phase === 'embedding' || state.phase === 'layout' || state.unsaved);
  useEffect(() => {
    if (!atStake) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [atStake]);
}
