import { useEffect } from 'react';
import { useApp } from '../state/store.ts';

/** Asks before a tab is closed with a run or a training in it, or with what came of one and was neither saved nor kept. */
export function useLeaveGuard(): void {
  const atStake = useApp(
    (state) =>
      state.phase === 'embedding' ||
      state.phase === 'layout' ||
      state.unsaved ||
      state.training !== null ||
      (state.trained !== null && !state.trainedSaved),
  );
  useEffect(() => {
    if (!atStake) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [atStake]);
}
