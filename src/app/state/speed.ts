import type { StateCreator } from 'zustand';
import { isAbort, type Sentence, sentenceOf } from '../../run/messages.ts';
import type { SpeedReport } from '../../speed/report.ts';
import { services } from './services.ts';
import type { AppState } from './store.ts';

export interface SpeedSlice {
  /** The screen "How fast is this machine?" stands before the others. */
  readonly speedOpen: boolean;
  /** What has been measured, complete or not. */
  readonly speedReport: SpeedReport | null;
  /** Measurements done of how many; null = none under way. */
  readonly speedProgress: { readonly done: number; readonly total: number } | null;
  readonly speedError: Sentence | null;
  readonly openSpeed: () => void;
  /** Back to where the user was; what is under way stops. */
  readonly closeSpeed: () => void;
  readonly measureSpeed: (seconds: number) => Promise<void>;
  /** Stops; what has been measured stays. */
  readonly cancelSpeed: () => void;
}

export const createSpeedSlice: StateCreator<AppState, [], [], SpeedSlice> = (set, get) => {
  let running: AbortController | null = null;
  return {
    speedOpen: false,
    speedReport: null,
    speedProgress: null,
    speedError: null,
    openSpeed: () => set({ speedOpen: true }),
    closeSpeed: () => {
      get().cancelSpeed();
      set({ speedOpen: false, speedError: null });
    },

    measureSpeed: async (seconds) => {
      running?.abort();
      const mine = new AbortController();
      running = mine;
      set({ speedReport: null, speedError: null, speedProgress: { done: 0, total: 0 } });
      try {
        const speedReport = await services().speed.measure({
          seconds,
          signal: mine.signal,
          onReport: (report, done, total) => {
            if (running === mine) set({ speedReport: report, speedProgress: { done, total } });
          },
        });
        if (running === mine) set({ speedReport });
      } catch (error) {
        if (running === mine && !isAbort(error)) set({ speedError: sentenceOf(error) });
      } finally {
        if (running === mine) {
          running = null;
          set({ speedProgress: null });
        }
      }
    },

    cancelSpeed: () => running?.abort(),
  };
};
