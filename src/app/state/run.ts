import type { StateCreator } from 'zustand';
import type { MatrixName } from '../../data/dataset.ts';
import { bytesOfInput, nameOfInput } from '../../data/input.ts';
import type { Pooling } from '../../model/config.ts';
import type { ProbeCells, ProbeConfig } from '../../probe/config.ts';
import { runEmbedding } from '../../run/embedding-run.ts';
import { isAbort, type Sentence, sentenceOf } from '../../run/messages.ts';
import { provenanceOf } from '../../run/provenance.ts';
import type { CellResults, Provenance } from '../../run/results.ts';
import type { LoadedModel, Preflight, Progress } from '../../run/services.ts';
import { engineName } from '../model/engine-name.ts';
import { ResultsBuffer } from '../run/results-buffer.ts';
import { toProbeCells, toSelection, withinQuality } from './selection.ts';
import { services } from './services.ts';
import { passesQuality } from './settings.ts';
import type { AppState } from './store.ts';

/** What a finished or stopped run was, kept as it was when it ran. */
interface FinishedRun {
  readonly cells: number;
  readonly seconds: number;
  readonly model: string;
  readonly engine: string;
  /** What every export says of it. */
  readonly provenance: Provenance;
  readonly run: RunSettings;
}

/** What made the results: the page's settings may have changed since. */
export interface RunSettings {
  readonly file: ProbeConfig['file'];
  readonly model: LoadedModel;
  readonly preflight: Preflight;
  readonly matrix: MatrixName;
  readonly pooling: Pooling;
  readonly quality: ProbeConfig['quality'];
  /** Which cells were embedded, so that somebody else can embed the same. */
  readonly cells: ProbeCells;
}

export interface RunSlice {
  readonly phase: 'idle' | 'embedding' | 'layout' | 'done' | 'cancelled';
  readonly results: CellResults | null;
  readonly runProgress: Progress | null;
  readonly cellsPerSecond: number | null;
  readonly runError: Sentence | null;
  readonly finished: FinishedRun | null;
  /** Results on the page that were neither exported nor kept. */
  readonly unsaved: boolean;
  /** The settings are shown over results that stay. */
  readonly settingsOpen: boolean;
  /** What the engine had to say on the way: a lost device, smaller slices. */
  readonly notices: readonly string[];
  /** Rows of the file the present settings mean, ascending. */
  readonly selectedRows: () => Promise<Uint32Array<ArrayBuffer>>;
  readonly startRun: () => Promise<void>;
  /** Stops what runs; cells done are kept. */
  readonly cancelRun: () => void;
  readonly openSettings: (open: boolean) => void;
  /** All results have been exported or kept. */
  readonly markSaved: () => void;
  /** Drops the run and its results. */
  readonly discardRun: () => void;
  /** A failure beside the run (a gene, a column): told, nothing is lost. */
  readonly failRun: (error: unknown) => void;
  readonly dismissRunError: () => void;
}

const IDLE = {
  phase: 'idle',
  results: null,
  runProgress: null,
  cellsPerSecond: null,
  runError: null,
  finished: null,
  unsaved: false,
  settingsOpen: false,
  notices: [] as readonly string[],
} as const;

export const createRunSlice: StateCreator<AppState, [], [], RunSlice> = (set, get) => {
  let running: AbortController | null = null;

  /** Embeds, keeping what is done whatever happens. @returns whether all cells were done. */
  async function embed(
    rows: Uint32Array<ArrayBuffer>,
    signal: AbortSignal,
    discarded: () => boolean,
  ): Promise<boolean> {
    const { preflight, quality, pooling, keepAnnotationStates, model, matrix, cells, input, donorColumn } =
      get();
    if (!preflight || !model || !matrix || !input) return false;
    const { dataset, compute } = services();
    const buffer = new ResultsBuffer(rows.length, passesQuality(preflight.quality, quality));
    const began = performance.now();
    try {
      await runEmbedding({
        dataset,
        compute,
        rows,
        pooling,
        annotationStates: keepAnnotationStates,
        tokensPerSecond: model.tokensPerSecond,
        signal,
        onBatch: (batch) => {
          if (discarded()) return;
          buffer.add(batch);
          set({ results: buffer.view() });
        },
        onProgress: ({ done, total, cellsPerSecond }) => {
          if (discarded()) return;
          set({ runProgress: { stage: 'embedding', done, total, unit: 'cells' }, cellsPerSecond });
        },
        onNotice: (notice) => set((state) => ({ notices: [...new Set([...state.notices, notice])] })),
      });
    } catch (error) {
      if (!discarded()) get().failRun(error);
    }
    if (discarded() || buffer.done === 0) return false;
    set({
      results: buffer.finish(),
      unsaved: true,
      finished: {
        cells: buffer.done,
        seconds: (performance.now() - began) / 1000,
        model: model.name,
        engine: engineName(model.engine.kind),
        provenance: provenanceOf({
          model,
          matrix,
          scans: get().summary?.scans ?? [],
          pooling,
          seed: cells.seed,
          quality: preflight.quality,
          leastGenes: quality.minGenes,
          greatestMitochondrial: quality.maxMitochondrial,
          dropped: quality.mode === 'drop',
        }),
        run: {
          file: { name: nameOfInput(input), bytes: bytesOfInput(input) },
          model,
          preflight,
          matrix,
          pooling,
          quality: {
            drop: quality.mode === 'drop',
            leastGenes: quality.minGenes,
            greatestMitochondrial: quality.maxMitochondrial,
          },
          cells:
            buffer.done === rows.length
              ? toProbeCells(cells, donorColumn)
              : { kind: 'rows', rows: [...rows.subarray(0, buffer.done)] },
        },
      },
    });
    get().learnSpeed(model, tokensRead(buffer.view(), model, pooling), (performance.now() - began) / 1000);
    return buffer.done === rows.length;
  }

  async function layOut(signal: AbortSignal): Promise<void> {
    const results = get().results;
    if (!results) return;
    const place = (umap: Float32Array<ArrayBuffer>) => {
      if (!signal.aborted) set((state) => (state.results ? { results: { ...state.results, umap } } : {}));
    };
    set({ phase: 'layout', runProgress: null });
    place(
      await services().layout.umap(results.embedding, results.dimension, {
        seed: get().finished?.provenance.seed ?? 0,
        signal,
        onProgress: (runProgress) => {
          if (!signal.aborted) set({ runProgress });
        },
        onPartial: place,
      }),
    );
  }

  return {
    ...IDLE,

    selectedRows: async () => {
      const { cells, donorColumn, preflight, quality } = get();
      const rows = await services().dataset.select(toSelection(cells, donorColumn));
      return preflight ? withinQuality(rows, preflight.quality, quality) : rows;
    },

    startRun: async () => {
      get().discardRun();
      let mine = new AbortController();
      running = mine;
      const discarded = () => running !== mine;
      set({ phase: 'embedding' });
      let whole = false;
      try {
        const rows = await get().selectedRows();
        if (discarded()) return;
        whole = await embed(rows, mine.signal, discarded);
        if (discarded()) return;
        if (get().results) {
          // A stopped run is still worth a picture: its layout can be stopped in turn.
          mine = new AbortController();
          running = mine;
          await layOut(mine.signal);
        }
      } catch (error) {
        if (discarded()) return;
        get().failRun(error);
      }
      if (discarded()) return;
      running = null;
      if (get().results) set({ phase: whole ? 'done' : 'cancelled', runProgress: null });
      else set({ phase: 'idle' });
    },

    cancelRun: () => running?.abort(),

    discardRun: () => {
      running?.abort();
      running = null;
      get().resetView();
      get().discardProbe();
      set(IDLE);
    },

    failRun: (error) => {
      if (isAbort(error)) return;
      set({ runError: sentenceOf(error) });
      void get().reviveAfter(error);
    },

    openSettings: (settingsOpen) => set({ settingsOpen }),

    markSaved: () => set({ unsaved: false }),

    dismissRunError: () => set({ runError: null }),
  };
};

/** Tokens the engine has worked on, annotation tokens and pads included. */
function tokensRead(results: CellResults | null, { config }: LoadedModel, pooling: Pooling): number {
  if (!results) return 0;
  const annotations = Object.keys(config.annotations).length;
  const perCell = pooling === 'all_positions' ? config.maxPositionEmbeddings : null;
  return results.tokens.reduce((sum, tokens) => sum + (perCell ?? tokens) + annotations, 0);
}
