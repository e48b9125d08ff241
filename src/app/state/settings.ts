import type { StateCreator } from 'zustand';
import type { Pooling } from '../../model/config.ts';
import type { QualityReport } from '../../run/services.ts';
import { GREATEST_MITOCHONDRIAL, LEAST_GENES } from '../../tokenize/quality.ts';
import type { AppState } from './store.ts';

/** QC thresholds of the paper, and what happens to the cells beyond them. */
export interface QualitySettings {
  readonly minGenes: number;
  /** Share, 0 … 1. */
  readonly maxMitochondrial: number;
  readonly mode: 'flag' | 'drop';
}

const PAPER_QUALITY: QualitySettings = {
  minGenes: LEAST_GENES,
  maxMitochondrial: GREATEST_MITOCHONDRIAL,
  mode: 'flag',
};

/** Which cells the user asks for; turned into a CellSelection when the run starts. */
export interface CellChoice {
  readonly kind: 'all' | 'values' | 'random' | 'first';
  readonly column: string | null;
  readonly values: readonly string[];
  readonly count: number;
  readonly seed: number;
}

export interface SettingsSlice {
  readonly quality: QualitySettings;
  readonly cells: CellChoice;
  readonly pooling: Pooling;
  /** Keep the annotation tokens' states of each cell, for probes on them. */
  readonly keepAnnotationStates: boolean;
  readonly setQuality: (change: Partial<QualitySettings>) => void;
  readonly setCells: (change: Partial<CellChoice>) => void;
  readonly setPooling: (pooling: Pooling) => void;
  readonly setKeepAnnotationStates: (keep: boolean) => void;
  /** Back to the defaults that fit a newly opened file. */
  readonly resetSettings: (nObs: number) => void;
}

/** Above this a random subset is proposed first: a first look should not take an hour. */
const PROPOSE_SUBSET_ABOVE = 5000;

export const createSettingsSlice: StateCreator<AppState, [], [], SettingsSlice> = (set) => ({
  quality: PAPER_QUALITY,
  cells: { kind: 'all', column: null, values: [], count: 1000, seed: 0 },
  pooling: 'gene_mean',
  keepAnnotationStates: false,
  setQuality: (change) => set((state) => ({ quality: { ...state.quality, ...change } })),
  setCells: (change) => set((state) => ({ cells: { ...state.cells, ...change } })),
  setPooling: (pooling) => set({ pooling }),
  setKeepAnnotationStates: (keepAnnotationStates) => set({ keepAnnotationStates }),
  resetSettings: (nObs) =>
    set({
      quality: PAPER_QUALITY,
      cells: {
        kind: nObs > PROPOSE_SUBSET_ABOVE ? 'random' : 'all',
        column: null,
        values: [],
        count: Math.min(1000, nObs),
        seed: 0,
      },
    }),
});

/** [nObs] 1 where a cell keeps within the thresholds. Not-applicable mitochondrial share passes. */
export function passesQuality(report: QualityReport, settings: QualitySettings): Uint8Array<ArrayBuffer> {
  const pass = new Uint8Array(report.genes.length);
  for (let cell = 0; cell < pass.length; cell++) {
    const share = report.mitochondrial?.[cell] ?? 0;
    pass[cell] = report.genes[cell] >= settings.minGenes && !(share > settings.maxMitochondrial) ? 1 : 0;
  }
  return pass;
}
