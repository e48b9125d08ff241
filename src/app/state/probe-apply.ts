import type { StateCreator } from 'zustand';
import { blobSource } from '../../data/blob-source.ts';
import { probeWarnings } from '../../probe/fit-of-model.ts';
import { type ProbeDescription, readProbeFile } from '../../probe/probe-file.ts';
import { isAbort, type Sentence, sentenceOf } from '../../run/messages.ts';
import { probeFeatures, withProbeAnswers } from '../../run/probe-answers.ts';
import { PROBE_PREFIX } from '../common/format.ts';
import { services } from './services.ts';
import type { AppState } from './store.ts';

/** A saved probe whose answers are among the predictions. */
interface AppliedProbe {
  /** Key of `results.predictions`. */
  readonly name: string;
  readonly fileName: string;
  readonly description: ProbeDescription;
  /** What makes its answers doubtful, as sentences. */
  readonly warnings: readonly string[];
  readonly cells: number;
  /** Cells without an answer: outside what it was trained on, and below its threshold. */
  readonly outside: number;
  readonly unsure: number;
}

export interface AppliedSlice {
  readonly applied: readonly AppliedProbe[];
  /** Name of the file being applied. */
  readonly applying: string | null;
  readonly applyError: Sentence | null;
  /** Reads a saved probe and answers for all embedded cells. */
  readonly applyProbeFile: (file: File) => Promise<void>;
  readonly removeApplied: (name: string) => void;
  readonly dismissApplyError: () => void;
  readonly discardApplied: () => void;
}

const NOTHING = { applied: [], applying: null, applyError: null } as const;

export const createAppliedSlice: StateCreator<AppState, [], [], AppliedSlice> = (set, get) => {
  let running: AbortController | null = null;

  async function apply(file: File, signal: AbortSignal): Promise<void> {
    const { results, finished } = get();
    if (!results || !finished) return;
    const saved = await readProbeFile(blobSource(file));
    const { features: source, label } = saved.description;
    const { features, dimension } = await probeFeatures(services().dataset, results, source);
    const { model, pooling } = finished.run;
    const fit = probeWarnings(saved, { model, pooling, features: source, dimension });
    if (fit.refusal !== null) {
      set({
        applyError: { what: fit.refusal, help: 'Embed the cells with the model the probe was trained on.' },
      });
      return;
    }
    const answers = await services().probe.apply(saved.probe, features, { signal });
    const now = get().results;
    // A layout may have been added meanwhile; other cells may not.
    if (signal.aborted || now?.rows !== results.rows) return;
    const name = PROBE_PREFIX + label.column;
    const column = get().summary?.obsColumns.includes(label.column) ? label.column : null;
    const withheld = (reason: number) => answers.withheld.filter((found) => found === reason).length;
    set((state) => ({
      results: withProbeAnswers(now, saved, answers),
      labels: { ...state.labels, [name]: { column, table: new Map(Object.entries(label.table)) } },
      applied: [
        ...state.applied.filter((probe) => probe.name !== name),
        {
          name,
          fileName: file.name,
          description: saved.description,
          warnings: fit.warnings,
          cells: answers.withheld.length,
          outside: withheld(1),
          unsure: withheld(2),
        },
      ],
      unsaved: true,
    }));
    tellExports();
    get().setColourBy({ kind: 'prediction', name });
  }

  /** Every export names the probes whose answers it holds. */
  function tellExports(): void {
    set(({ finished, applied }) => {
      if (!finished) return {};
      const { probes: _, ...provenance } = finished.provenance;
      const probes = applied
        .map(
          ({ description: { label, trained, training } }) =>
            `${label.column}: trained ${trained} on ${training.file}`,
        )
        .join('; ');
      return { finished: { ...finished, provenance: probes ? { ...provenance, probes } : provenance } };
    });
  }

  return {
    ...NOTHING,

    applyProbeFile: async (file) => {
      running?.abort();
      const mine = new AbortController();
      running = mine;
      set({ applying: file.name, applyError: null });
      try {
        await apply(file, mine.signal);
      } catch (error) {
        if (running === mine && !isAbort(error)) set({ applyError: sentenceOf(error) });
      }
      if (running !== mine) return;
      running = null;
      set({ applying: null });
    },

    removeApplied: (name) => {
      const { results, colourBy } = get();
      if (!results) return;
      const { [name]: _, ...predictions } = results.predictions;
      if (colourBy && 'name' in colourBy && colourBy.name === name) get().resetView();
      set((state) => ({
        results: { ...results, predictions },
        applied: state.applied.filter((probe) => probe.name !== name),
      }));
      tellExports();
    },

    dismissApplyError: () => set({ applyError: null }),

    discardApplied: () => {
      running?.abort();
      running = null;
      set(NOTHING);
    },
  };
};
