import { useEffect } from 'react';
import { ErrorBoundary } from './common/ErrorBoundary.tsx';
import { Header } from './common/Header.tsx';
import { useFocusOnScreen } from './common/use-focus-on-screen.ts';
import { embeddedModel } from './model/embedded.ts';
import { PreflightPage } from './preflight/PreflightPage.tsx';
import { ResultsPage } from './results/ResultsPage.tsx';
import { useLeaveGuard } from './run/use-leave-guard.ts';
import { SpeedPage } from './speed/SpeedPage.tsx';
import { StartPage } from './start/StartPage.tsx';
import { useStrayDrops } from './start/use-stray-drops.ts';
import { useApp } from './state/store.ts';

type Screen = 'start' | 'preflight' | 'results' | 'speed';

/** The page: a start, a check, the results, or how fast the machine is; one at a time. */
export function App() {
  const screen = useApp((state): Screen => {
    if (state.speedOpen) return 'speed';
    if (!state.summary) return 'start';
    return state.phase === 'idle' || state.settingsOpen ? 'preflight' : 'results';
  });
  const chooseModel = useApp((state) => state.chooseModel);
  const main = useFocusOnScreen(screen);
  useLeaveGuard();
  useStrayDrops();

  useEffect(() => {
    if (useApp.getState().modelStatus === 'none') void chooseModel(embeddedModel());
  }, [chooseModel]);

  return (
    <>
      <Header />
      <main ref={main} tabIndex={-1} data-screen={screen} className="screen">
        <ErrorBoundary key={screen}>
          {screen === 'start' && <StartPage />}
          {screen === 'preflight' && <PreflightPage />}
          {screen === 'results' && <ResultsPage />}
          {screen === 'speed' && <SpeedPage />}
        </ErrorBoundary>
      </main>
    </>
  );
}
