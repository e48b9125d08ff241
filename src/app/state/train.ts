import type { StateCreator } from 'zustand';
import { auditSentences } from '../../audit/sentences.ts';
import { isAbort, type Sentence, sentenceOf } from '../../run/messages.ts';
import type { Progress } from '../../run/services.ts';
import type { UnfinishedRun } from '../../run/train-service.ts';
import type { TrainConfig } from '../../train/config.ts';
import type { DonorSetName, TrainingEstimate } from '../../train/types.ts';
import { answeringAnnotation, classesOf, proposeTable } from './probe-form.ts';
import { services } from './services.ts';
import type { AppState } from './store.ts';
import { chosenSets, proposeTrainForm, type TrainForm } from './train-form.ts';
import type { TrainPlan } from './train-plan.ts';
import { createTrainPlanner, currentTrainConfig } from './train-planner.ts';
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

const NOT_AUDITED =
  'The look for duplicate cells failed: cells of test donors may be among those of the others, or of the base model.';
const NO_FORM = { trainForm: null, trainPlan: null, trainPlanError: null, trainEstimate: null } as const;

export const createTrainSlice: StateCreator<AppState, [], [], TrainSlice> = (set, get) => {
  let running: AbortController | null = null;
  const planner = createTrainPlanner(set, get);

  function change(form: TrainForm): void {
    set({ trainForm: form });
    void planner.plan();
  }

  /** @param resumed configuration of the run to go on with; null = the form's */
  async function train(resumed: TrainConfig | null): Promise<void> {
    const { model, location } = get();
    const asked = resumed ?? currentTrainConfig(get());
    if (!model || !location || !asked || running) return;
    const mine = new AbortController();
    running = mine;
    planner.stop();
    set({ training: newTrainView(asked), trainError: null });
    const update = (to: (view: TrainView) => TrainView) =>
      set(({ training }) => (running === mine && training ? { training: to(training) } : {}));
    try {
      // Duplicates are looked for before any donor is a test; with what was found the sets are dealt anew.
      const findings = await get().runAudit();
      mine.signal.throwIfAborted();
      if (!resumed) await planner.deal();
      const config = resumed ?? currentTrainConfig(get());
      if (!config || (!resumed && !get().trainPlan)) return;
      const start = {
        config,
        trainingRows: findings?.trainingRows ?? null,
        notices: findings ? auditSentences(findings) : [NOT_AUDITED],
        resume: resumed !== null,
      };
      const trained = await runTraining(get(), start, {
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

    startTraining: () => train(null),

    resumeTraining: (run) => train(run.config),

    pauseTraining: (paused) => services().training.pause(paused),

    stopTraining: async () => {
      set(({ training }) => (training ? { training: { ...training, stopping: true } } : {}));
      await services().training.stop();
    },

    cancelTraining: () => {
      running?.abort();
      get().cancelAudit();
    },

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
    },

    dismissTrainError: () => set({ trainError: null }),

    resetTraining: () => {
      running?.abort();
      running = null;
      planner.stop();
      set({ ...NO_FORM, training: null, trainError: null });
    },
  };
};
