import type { StateCreator } from 'zustand';
import { isAbort, type Sentence, sentenceOf } from '../../run/messages.ts';
import type { Progress } from '../../run/services.ts';
import type { UnfinishedRun } from '../../run/train-service.ts';
import type { TrainConfig } from '../../train/config.ts';
import type { DonorSetName, TrainingEstimate } from '../../train/types.ts';
import { answeringAnnotation, classesOf, proposeTable } from './probe-form.ts';
import { services } from './services.ts';
import type { AppState } from './store.ts';
import { chosenSets, proposeTrainForm, type TrainForm, trainConfig } from './train-form.ts';
import { planTraining, type TrainPlan } from './train-plan.ts';
import { runTraining } from './train-run.ts';
import { newTrainView, type TrainView, withEvent } from './train-view.ts';

export interface TrainSlice {
  /** null until the panel has been shown for this file. */
  readonly trainForm: TrainForm | null;
  /** Donor sets of the form; null while they are dealt, or cannot be (`trainPlanError`). */
  readonly trainPlan: TrainPlan | null;
  readonly trainPlanError: Sentence | null;
  readonly trainEstimate: TrainingEstimate | null;
  /** The training under way. */
  readonly training: TrainView | null;
  readonly trainError: Sentence | null;
  /** Trainings with a checkpoint that were not ended. */
  readonly unfinished: readonly UnfinishedRun[];
  /** Columns and table proposed from the file; does nothing where a form is there. */
  readonly proposeTraining: () => Promise<void>;
  readonly changeTraining: (change: Partial<TrainForm>) => void;
  readonly setTrainLabelColumn: (column: string | null) => Promise<void>;
  readonly setTrainClass: (label: string, name: string | null) => void;
  /** True: the automatic sets become the user's, to be changed; false: dealt again. */
  readonly chooseDonorSets: (own: boolean) => void;
  readonly setDonorSet: (donor: string, set: DonorSetName) => void;
  readonly startTraining: () => Promise<void>;
  /** Goes on with an unfinished run on the open file and model. */
  readonly resumeTraining: (run: UnfinishedRun) => Promise<void>;
  readonly pauseTraining: (paused: boolean) => Promise<void>;
  /** Ends it as early stopping would: the test is opened, the package made. */
  readonly stopTraining: () => Promise<void>;
  /** Drops it; its last checkpoint stays. */
  readonly cancelTraining: () => void;
  readonly lookForUnfinished: () => Promise<void>;
  readonly discardUnfinished: (key: string) => Promise<void>;
  readonly failTraining: (error: unknown) => void;
  readonly dismissTrainError: () => void;
  /** Another file: nothing chosen holds for it. */
  readonly resetTraining: () => void;
}

/** The estimate waits so long for the next change of the form. */
const ESTIMATE_AFTER_MS = 400;

const NO_FORM = { trainForm: null, trainPlan: null, trainPlanError: null, trainEstimate: null } as const;

export const createTrainSlice: StateCreator<AppState, [], [], TrainSlice> = (set, get) => {
  let running: AbortController | null = null;
  let estimating: AbortController | null = null;
  let plans = 0;

  /** Deals the donors anew after a change and then asks for the estimate. What a later change overtakes is dropped. */
  async function plan(): Promise<void> {
    const mine = ++plans;
    estimating?.abort();
    const { results, model } = get();
    const config = currentTrainConfig(get());
    set({ trainEstimate: null, trainPlanError: null });
    if (!config || !results || !model || classesOf(get().trainForm?.table ?? new Map()).length < 2) {
      set({ trainPlan: null });
      return;
    }
    try {
      const trainPlan = await planTraining(config, results, model, get().column);
      if (mine !== plans) return;
      set({ trainPlan });
      await estimate(trainPlan);
    } catch (error) {
      if (mine === plans && !isAbort(error)) set({ trainPlan: null, trainPlanError: sentenceOf(error) });
    }
  }

  async function estimate({ cells }: TrainPlan): Promise<void> {
    const mine = new AbortController();
    estimating = mine;
    await new Promise((resolve) => setTimeout(resolve, ESTIMATE_AFTER_MS));
    const { location, model, training } = get();
    const config = currentTrainConfig(get());
    if (mine.signal.aborted || !config || !location || !model || training) return;
    const { kind, software } = model.engine;
    const trainEstimate = await services().training.estimate(
      {
        config,
        model: location,
        cells,
        // Only our own kernels' speed says how long our own kernels take.
        tokensPerSecond: kind === 'webgpu' && !software ? model.tokensPerSecond : null,
      },
      { signal: mine.signal },
    );
    if (!mine.signal.aborted) set({ trainEstimate });
  }

  function change(form: TrainForm): void {
    set({ trainForm: form });
    void plan();
  }

  async function train(config: TrainConfig, resume: boolean): Promise<void> {
    const { model, location } = get();
    if (!model || !location || running) return;
    const mine = new AbortController();
    running = mine;
    estimating?.abort();
    set({ training: newTrainView(config), trainError: null });
    const update = (to: (view: TrainView) => TrainView) =>
      set(({ training }) => (running === mine && training ? { training: to(training) } : {}));
    try {
      const trained = await runTraining(get(), config, resume, {
        signal: mine.signal,
        onProgress: (progress: Progress) => update((view) => ({ ...view, progress })),
        onEvent: (event) => update((view) => withEvent(view, event)),
      });
      if (running === mine) get().takeTrained({ ...trained, base: { name: model.name, location } });
    } catch (error) {
      if (running === mine) get().failTraining(error);
    } finally {
      if (running === mine) {
        running = null;
        set({ training: null });
      }
      void get().lookForUnfinished();
    }
  }

  return {
    ...NO_FORM,
    training: null,
    trainError: null,
    unfinished: [],

    proposeTraining: async () => {
      const { summary, results, model, trainForm } = get();
      if (trainForm || !summary || !results || !model) return;
      const form = proposeTrainForm(summary, model);
      set({ trainForm: form });
      await get().setTrainLabelColumn(form.labelColumn);
    },

    changeTraining: (part) => {
      const { trainForm } = get();
      if (trainForm) change({ ...trainForm, ...part });
    },

    setTrainLabelColumn: async (labelColumn) => {
      const { results, model } = get();
      if (!results || !model) return;
      const proposed =
        labelColumn === null
          ? { table: new Map(), annotation: null }
          : proposeTable(
              labelColumn,
              await get().column(labelColumn),
              results.rows,
              model.config.annotations,
            );
      const { trainForm } = get();
      if (!trainForm) return;
      // What is learnt can be no baseline's knowledge.
      const kept = (name: string | null) => (name === labelColumn ? null : name);
      const { studyColumn, cellTypeColumn, donorColumn } = trainForm;
      change({
        ...trainForm,
        labelColumn,
        ...proposed,
        donorColumn: kept(donorColumn),
        studyColumn: kept(studyColumn),
        cellTypeColumn: kept(cellTypeColumn),
      });
    },

    setTrainClass: (label, name) => {
      const { trainForm, model } = get();
      if (!trainForm || !model) return;
      const table = new Map(trainForm.table).set(label, name);
      const annotation = answeringAnnotation(classesOf(table), model.config.annotations);
      change({ ...trainForm, table, annotation });
    },

    chooseDonorSets: (own) => {
      const { trainPlan } = get();
      get().changeTraining({ sets: own && trainPlan ? chosenSets(trainPlan.sets) : null });
    },

    setDonorSet: (donor, to) => {
      const sets = get().trainForm?.sets;
      if (sets) get().changeTraining({ sets: new Map(sets).set(donor, to) });
    },

    startTraining: async () => {
      const config = currentTrainConfig(get());
      if (config) await train(config, false);
    },

    resumeTraining: (run) => train(run.config, true),

    pauseTraining: (paused) => services().training.pause(paused),

    stopTraining: async () => {
      set(({ training }) => (training ? { training: { ...training, stopping: true } } : {}));
      await services().training.stop();
    },

    cancelTraining: () => running?.abort(),

    lookForUnfinished: async () => {
      const { checkpoints, training } = services();
      const keys = await checkpoints().catch(() => []);
      set({ unfinished: keys.length === 0 ? [] : await training.unfinished().catch(() => []) });
    },

    discardUnfinished: async (key) => {
      await services().training.discard(key);
      await get().lookForUnfinished();
    },

    failTraining: (error) => {
      if (isAbort(error)) return;
      set({ trainError: sentenceOf(error) });
      void get().reviveAfter(error);
    },

    dismissTrainError: () => set({ trainError: null }),

    resetTraining: () => {
      running?.abort();
      running = null;
      estimating?.abort();
      plans++;
      set({ ...NO_FORM, training: null, trainError: null });
    },
  };
};

/** The form on the page's model and embedded cells as a configuration; null while it names no label. */
export function currentTrainConfig(state: AppState): TrainConfig | null {
  const { trainForm, summary, finished, model, trainPlan } = state;
  if (!trainForm || !summary || !finished || !model) return null;
  const cells = trainPlan?.sets.train.length ?? null;
  return trainConfig(trainForm, { summary, run: finished.run, model }, cells);
}
