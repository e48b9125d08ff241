import type { StateCreator } from 'zustand';
import { auditSentences } from '../../audit/sentences.ts';
import type { ProbeConfig } from '../../probe/config.ts';
import { writeProbeFile } from '../../probe/probe-file.ts';
import type { Evaluation } from '../../probe/results.ts';
import type { ProbeReport } from '../../report/types.ts';
import { isAbort, type Sentence, sentenceOf } from '../../run/messages.ts';
import { defaultSplit } from '../../run/probe-defaults.ts';
import { probeReport } from '../../run/probe-report.ts';
import { evaluateProbe, type GatherOptions, gatherProbeData, trainProbe } from '../../run/probe-run.ts';
import type { CellResults } from '../../run/results.ts';
import type { Progress } from '../../run/services.ts';
import {
  answeringAnnotation,
  classesOf,
  type ProbeForm,
  probeConfig,
  proposeForm,
  proposeTable,
} from './probe-form.ts';
import type { RunSettings } from './run.ts';
import { services } from './services.ts';
import type { AppState } from './store.ts';

/** An evaluation with everything it came from, kept as it was. */
export interface ProbeResult {
  readonly config: ProbeConfig;
  readonly run: RunSettings;
  readonly evaluation: Evaluation;
  /** [n] class of each embedded cell as the probe was told it, −1 = none. */
  readonly labels: Int32Array<ArrayBuffer>;
  /** Findings of the contamination audit, as sentences; empty = it failed. */
  readonly audit: readonly string[];
  /** Rows that the audit found among the model's training cells; null = it failed. */
  readonly trainingRows: Uint32Array | null;
  readonly date: Date;
}

export interface ProbeSlice {
  /** null until the panel has been shown for this file. */
  readonly probeForm: ProbeForm | null;
  readonly probeProgress: Progress | null;
  /** Seconds, from the fits so far; null while nothing is known. */
  readonly probeSecondsLeft: number | null;
  /** What is being worked on. */
  readonly probing: 'evaluate' | 'train' | null;
  readonly probeResult: ProbeResult | null;
  readonly probeError: Sentence | null;
  /** Columns and table proposed from the file; does nothing where a form is there. */
  readonly proposeProbe: () => Promise<void>;
  readonly changeProbe: (change: Partial<ProbeForm>) => void;
  readonly setProbeLabelColumn: (column: string | null) => Promise<void>;
  readonly setProbeClass: (label: string, name: string | null) => void;
  readonly setProbeGroupColumn: (column: string | null) => void;
  readonly runProbe: () => Promise<void>;
  readonly cancelProbe: () => void;
  /** The probe of the result, trained on all its labelled cells, as a file; null where it could not be. */
  readonly trainedProbeFile: () => Promise<Uint8Array<ArrayBuffer> | null>;
  /** Everything a report says of the result. */
  readonly probeReport: () => ProbeReport | null;
  readonly failProbe: (error: unknown) => void;
  readonly dismissProbeError: () => void;
  /** The cells are others now: no result holds for them. */
  readonly discardProbe: () => void;
  /** Another file: nothing chosen holds for it. */
  readonly resetProbe: () => void;
}

const NOT_RUNNING = { probing: null, probeProgress: null, probeSecondsLeft: null } as const;
const NO_RESULT = { ...NOT_RUNNING, probeResult: null, probeError: null } as const;

export const createProbeSlice: StateCreator<AppState, [], [], ProbeSlice> = (set, get) => {
  let running: AbortController | null = null;

  /** Runs one thing at a time; what a newer one or a discarded run gives is dropped. @returns null then, and on failure */
  async function alone<T>(
    probing: 'evaluate' | 'train',
    work: (options: { signal: AbortSignal; onProgress: (progress: Progress) => void }) => Promise<T>,
  ): Promise<T | null> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    const began = performance.now();
    set({ ...NOT_RUNNING, probing, probeError: null });
    const onProgress = (progress: Progress) => {
      if (running !== mine) return;
      set({ probeProgress: progress, probeSecondsLeft: secondsLeft(progress, performance.now() - began) });
    };
    try {
      const value = await work({ signal: mine.signal, onProgress });
      if (running !== mine) return null;
      return value;
    } catch (error) {
      if (running === mine) get().failProbe(error);
      return null;
    } finally {
      if (running === mine) {
        running = null;
        set(NOT_RUNNING);
      }
    }
  }

  const annotations = () => get().finished?.run.model.config.annotations ?? {};

  /** The donors of the file are those it was opened with, as on the command line. */
  const gather = (
    { config, run }: Pick<ProbeResult, 'config' | 'run'>,
    results: CellResults,
    options: GatherOptions,
  ) => {
    const donorColumn = get().summary?.donorColumn ?? null;
    return gatherProbeData(services().dataset, { donorColumn }, run.model, config, results, options);
  };

  return {
    probeForm: null,
    ...NO_RESULT,

    proposeProbe: async () => {
      const { summary, results, finished, probeForm } = get();
      if (probeForm || !summary || !results) return;
      const form = proposeForm(summary, finished?.provenance.seed ?? 0);
      set({ probeForm: form });
      await get().setProbeLabelColumn(form.labelColumn);
    },

    changeProbe: (change) =>
      set(({ probeForm }) => (probeForm ? { probeForm: { ...probeForm, ...change } } : {})),

    setProbeLabelColumn: async (labelColumn) => {
      const { results, probeForm } = get();
      if (!results || !probeForm) return;
      // What is predicted can be no baseline's knowledge.
      const kept = (name: string | null) => (name === labelColumn ? null : name);
      const proposed =
        labelColumn === null
          ? { table: new Map(), annotation: null }
          : proposeTable(labelColumn, await get().column(labelColumn), results.rows, annotations());
      get().changeProbe({
        labelColumn,
        ...proposed,
        studyColumn: kept(probeForm.studyColumn),
        cellTypeColumn: kept(probeForm.cellTypeColumn),
      });
    },

    setProbeClass: (label, name) => {
      const { probeForm } = get();
      if (!probeForm) return;
      const table = new Map(probeForm.table).set(label, name);
      get().changeProbe({ table, annotation: answeringAnnotation(classesOf(table), annotations()) });
    },

    setProbeGroupColumn: (groupColumn) => {
      const split = get().probeForm?.split;
      // Only a split that the new column cannot make is replaced.
      const impossible =
        groupColumn === null ? split?.kind !== 'random-cells' : split?.kind === 'random-cells';
      const named = split?.kind === 'held-out-groups';
      get().changeProbe({
        groupColumn,
        ...(impossible || named ? { split: defaultSplit(groupColumn) } : {}),
      });
    },

    runProbe: async () => {
      const { probeForm, finished, results } = get();
      const config = probeForm && finished && probeConfig(probeForm, finished.run);
      if (!config || !results) return;
      const { run } = finished;
      const probeResult = await alone('evaluate', async (options): Promise<ProbeResult> => {
        // Duplicates are looked for before any split is made.
        const findings = await get().runAudit();
        options.signal.throwIfAborted();
        const trainingRows = findings?.trainingRows ?? null;
        const assembled = await gather({ config, run }, results, { ...options, trainingRows });
        const evaluation = await evaluateProbe(services().probe, assembled, config, options);
        return {
          config,
          run,
          evaluation,
          labels: assembled.data.labels,
          trainingRows,
          audit: findings ? auditSentences(findings) : [],
          date: new Date(),
        };
      });
      if (probeResult && get().results?.rows === results.rows) set({ probeResult });
    },

    cancelProbe: () => {
      running?.abort();
      get().cancelAudit();
    },

    trainedProbeFile: async () => {
      const { probeResult, results } = get();
      if (!probeResult || !results) return null;
      const config = { ...probeResult.config, expressionBaseline: false };
      return alone('train', async (options) => {
        const { run, trainingRows } = probeResult;
        const assembled = await gather({ config, run }, results, { ...options, trainingRows });
        const { evaluation } = probeResult;
        return writeProbeFile(
          await trainProbe(services().probe, assembled, config, run.model, evaluation, options),
        );
      });
    },

    probeReport: () => {
      const { probeResult, summary, results } = get();
      if (!probeResult || !summary || !results) return null;
      const { config, run, evaluation, audit, date } = probeResult;
      return probeReport({
        config,
        summary,
        preflight: run.preflight,
        model: run.model,
        embedded: results.rows.length,
        evaluation,
        audit,
        date,
      });
    },

    failProbe: (error) => {
      if (isAbort(error)) return;
      set({ probeError: sentenceOf(error) });
      void get().reviveAfter(error);
    },

    dismissProbeError: () => set({ probeError: null }),

    discardProbe: () => {
      running?.abort();
      running = null;
      get().discardApplied();
      set(NO_RESULT);
    },

    resetProbe: () => {
      get().discardProbe();
      set({ probeForm: null });
    },
  };
};

/** From the work done so far; the first share tells too little. */
function secondsLeft({ done, total }: Progress, elapsed: number): number | null {
  if (total === undefined || done <= 0 || elapsed < 500) return null;
  return ((elapsed / 1000) * (total - done)) / done;
}

/** True where the form, or the cells, are no longer those of the result. */
export function isStale({ probeForm, probeResult, finished }: AppState): boolean {
  if (!probeResult || !probeForm || !finished) return false;
  const now = probeConfig(probeForm, finished.run);
  return JSON.stringify(now) !== JSON.stringify(probeResult.config);
}
