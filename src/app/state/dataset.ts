import type { StateCreator } from 'zustand';
import type { Column, MatrixName } from '../../data/dataset.ts';
import { type DatasetInput, nameOfInput } from '../../data/input.ts';
import { isAbort, type Sentence, sentenceOf } from '../../run/messages.ts';
import type { DatasetSummary, Preflight, Progress } from '../../run/services.ts';
import { services } from './services.ts';
import type { AppState } from './store.ts';

export interface DatasetSlice {
  /** What is open. */
  readonly input: DatasetInput | null;
  /** Name of what is being opened. */
  readonly opening: string | null;
  readonly summary: DatasetSummary | null;
  readonly datasetError: Sentence | null;
  readonly matrix: MatrixName | null;
  readonly preflight: Preflight | null;
  readonly preflightProgress: Progress | null;
  readonly preflightError: Sentence | null;
  /** obs columns read so far. */
  readonly columns: Readonly<Record<string, Column>>;
  readonly donorColumn: string | null;
  readonly openFile: (input: DatasetInput) => Promise<void>;
  readonly closeFile: () => Promise<void>;
  readonly chooseMatrix: (matrix: MatrixName) => Promise<void>;
  readonly runPreflight: () => Promise<void>;
  readonly setDonorColumn: (column: string | null) => Promise<void>;
  /** Reads an obs column once and keeps it. */
  readonly column: (name: string) => Promise<Column>;
  /** A file that could not even be handed over (the sample, a folder dropped). */
  readonly failToOpen: (error: unknown) => void;
  readonly dismissDatasetError: () => void;
}

const CLOSED = {
  input: null,
  opening: null,
  summary: null,
  matrix: null,
  preflight: null,
  preflightProgress: null,
  preflightError: null,
  columns: {},
  donorColumn: null,
} as const;

export const createDatasetSlice: StateCreator<AppState, [], [], DatasetSlice> = (set, get) => {
  let opened = 0;
  let checking: AbortController | null = null;

  return {
    ...CLOSED,
    datasetError: null,

    openFile: async (input) => {
      const id = ++opened;
      checking?.abort();
      get().discardRun();
      get().resetProbe();
      get().resetTraining();
      set({ ...CLOSED, datasetError: null, opening: nameOfInput(input) });
      try {
        const summary = await services().dataset.open(input, {});
        if (id !== opened) return;
        get().resetSettings(summary.nObs);
        set({ opening: null, input, summary, matrix: summary.counts, donorColumn: summary.donorColumn });
        await get().proposeLabels();
        if (id === opened && summary.counts) await get().runPreflight();
      } catch (error) {
        if (id !== opened) return;
        set({ ...CLOSED, datasetError: sentenceOf(error) });
      }
    },

    closeFile: async () => {
      opened++;
      checking?.abort();
      get().discardRun();
      get().resetProbe();
      get().resetTraining();
      set({ ...CLOSED, datasetError: null });
      await services()
        .dataset.close()
        .catch(() => undefined);
    },

    chooseMatrix: async (matrix) => {
      get().discardRun();
      set({ matrix, preflight: null });
      await get().runPreflight();
    },

    runPreflight: async () => {
      const { location, matrix, modelStatus } = get();
      if (!location || !matrix || modelStatus !== 'ready') return;
      checking?.abort();
      const controller = new AbortController();
      checking = controller;
      set({ preflightError: null, preflightProgress: { stage: 'quality', done: 0, unit: 'cells' } });
      try {
        const preflight = await services().dataset.preflight(location, matrix, {
          signal: controller.signal,
          onProgress: (preflightProgress) => {
            if (checking === controller) set({ preflightProgress });
          },
        });
        if (checking === controller) set({ preflight, preflightProgress: null });
      } catch (error) {
        if (checking !== controller || isAbort(error)) return;
        set({ preflight: null, preflightProgress: null, preflightError: sentenceOf(error) });
      }
    },

    setDonorColumn: async (donorColumn) => {
      if (donorColumn) await get().column(donorColumn);
      set({ donorColumn });
    },

    column: async (name) => {
      const known = get().columns[name];
      if (known) return known;
      const column = await services().dataset.obs(name);
      set((state) => ({ columns: { ...state.columns, [name]: column } }));
      return column;
    },

    failToOpen: (error) => set({ datasetError: sentenceOf(error) }),

    dismissDatasetError: () => set({ datasetError: null }),
  };
};
