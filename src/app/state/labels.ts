import type { StateCreator } from 'zustand';
import { matchLabels, recordedLabels, suggestLabelColumn } from '../../analysis/labels.ts';
import type { AppState } from './store.ts';

/** Which obs column records an annotation, and what its labels mean in the model's classes. */
export interface LabelChoice {
  readonly column: string | null;
  /** Recorded label → class; null = left out of every score. */
  readonly table: ReadonlyMap<string, string | null>;
}

export interface LabelSlice {
  /** Annotation name → choice. */
  readonly labels: Readonly<Record<string, LabelChoice>>;
  /** Column and table for every annotation of the model, proposed from names. */
  readonly proposeLabels: () => Promise<void>;
  /** A new model: propose again where a file is open. */
  readonly labelsForModel: () => void;
  readonly setLabelColumn: (annotation: string, column: string | null) => Promise<void>;
  readonly setLabelClass: (annotation: string, label: string, classOf: string | null) => void;
}

export const createLabelSlice: StateCreator<AppState, [], [], LabelSlice> = (set, get) => {
  async function choose(annotation: string, name: string | null): Promise<void> {
    const classes = get().model?.config.annotations[annotation] ?? [];
    const table = name
      ? matchLabels(annotation, recordedLabels(await get().column(name)).labels, classes)
      : new Map<string, string | null>();
    set((state) => ({ labels: { ...state.labels, [annotation]: { column: name, table } } }));
  }

  return {
    labels: {},

    proposeLabels: async () => {
      const { summary, model } = get();
      set({ labels: {} });
      if (!summary || !model) return;
      for (const annotation of Object.keys(model.config.annotations)) {
        await choose(annotation, suggestLabelColumn(annotation, summary.obsColumns));
      }
      const donorColumn = get().donorColumn;
      if (donorColumn) await get().column(donorColumn);
    },

    labelsForModel: () => {
      if (get().summary) get().proposeLabels().catch(get().failToOpen);
    },

    setLabelColumn: choose,

    setLabelClass: (annotation, label, classOf) =>
      set((state) => {
        const choice = state.labels[annotation];
        if (!choice) return {};
        const table = new Map(choice.table).set(label, classOf);
        return { labels: { ...state.labels, [annotation]: { ...choice, table } } };
      }),
  };
};
