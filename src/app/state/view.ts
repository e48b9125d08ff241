import type { StateCreator } from 'zustand';
import type { LegendFilter } from '../scatter/types.ts';
import type { AppState } from './store.ts';

/** What colours the points. */
export type ColourBy =
  | { readonly kind: 'obs'; readonly name: string }
  | { readonly kind: 'prediction'; readonly name: string }
  /** Probability of one class, or of the predicted one where `label` is null. */
  | { readonly kind: 'probability'; readonly name: string; readonly label: string | null }
  | { readonly kind: 'gene'; readonly name: string }
  | { readonly kind: 'withheld' }
  /** Right, wrong or not tested by the probe. */
  | { readonly kind: 'probe-errors' };

/** Where the points stand: our UMAP, an obsm of the file, or two embedding dimensions until UMAP is there. */
type PointView = { readonly kind: 'umap' } | { readonly kind: 'obsm'; readonly key: string };

/** What undo brings back. */
interface Filters {
  /** Cells selected, as indices into the results; null = none. */
  readonly selection: Uint32Array | null;
  /** Legend rows shown; null = all. */
  readonly filter: LegendFilter;
}

export interface ViewSlice extends Filters {
  readonly colourBy: ColourBy | null;
  readonly pointView: PointView;
  /** The cell whose details are open, as an index into the results. */
  readonly focus: number | null;
  readonly past: readonly Filters[];
  readonly setColourBy: (colourBy: ColourBy) => void;
  readonly setPointView: (view: PointView) => void;
  readonly select: (selection: Uint32Array | null) => void;
  readonly setFilter: (filter: LegendFilter) => void;
  readonly setFocus: (focus: number | null) => void;
  readonly undo: () => void;
  readonly resetView: () => void;
}

const NOTHING: Filters = { selection: null, filter: null };
const STEPS_KEPT = 50;

export const createViewSlice: StateCreator<AppState, [], [], ViewSlice> = (set, get) => {
  const remember = (): { past: readonly Filters[] } => {
    const { selection, filter, past } = get();
    return { past: [...past.slice(1 - STEPS_KEPT), { selection, filter }] };
  };
  return {
    ...NOTHING,
    colourBy: null,
    pointView: { kind: 'umap' },
    focus: null,
    past: [],
    // Legend rows belong to the colouring they were chosen in.
    setColourBy: (colourBy) => set({ colourBy, filter: null, past: [] }),
    setPointView: (pointView) => set({ pointView }),
    select: (selection) => set({ ...remember(), selection: selection?.length ? selection : null }),
    setFilter: (filter) => set({ ...remember(), filter }),
    setFocus: (focus) => set({ focus }),
    undo: () => {
      const past = get().past;
      const last = past.at(-1);
      if (last) set({ ...last, past: past.slice(0, -1) });
    },
    resetView: () => set({ ...NOTHING, colourBy: null, pointView: { kind: 'umap' }, focus: null, past: [] }),
  };
};
