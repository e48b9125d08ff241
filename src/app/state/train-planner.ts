import { isAbort, sentenceOf } from '../../run/messages.ts';
import { genesRead, type TrainConfig } from '../../train/config.ts';
import { currentAudit } from './audit.ts';
import { classesOf } from './probe-form.ts';
import { services } from './services.ts';
import type { AppState } from './store.ts';
import { trainConfig } from './train-form.ts';
import { planTraining, slowed, type TrainPlan } from './train-plan.ts';

/** The estimate waits so long for the next change of the form. */
const ESTIMATE_AFTER_MS = 400;

/** Donor sets and estimate of the form, kept up with it. */
export interface TrainPlanner {
  /** Deals the donors anew after a change and then asks for the estimate. What a later change overtakes is dropped. */
  plan(): Promise<void>;
  /** @returns null where there is nothing to deal yet, it cannot be dealt, or a later change has overtaken this */
  deal(): Promise<TrainPlan | null>;
  /** Drops what is under way. */
  stop(): void;
}

export function createTrainPlanner(
  set: (part: Partial<AppState>) => void,
  get: () => AppState,
): TrainPlanner {
  let estimating: AbortController | null = null;
  let plans = 0;

  async function plan(): Promise<void> {
    estimating?.abort();
    set({ trainEstimate: null });
    const trainPlan = await deal();
    if (trainPlan) await estimate(trainPlan).catch(estimateFailed);
  }

  function estimateFailed(error: unknown): void {
    if (!isAbort(error)) set({ trainPlanError: sentenceOf(error) });
  }

  async function deal(): Promise<TrainPlan | null> {
    const mine = ++plans;
    const { results, model, finished, trainForm } = get();
    const config = currentTrainConfig(get());
    set({ trainPlanError: null });
    if (!config || !results || !model || !finished || classesOf(trainForm?.table ?? new Map()).length < 2) {
      set({ trainPlan: null });
      return null;
    }
    try {
      const rows = currentAudit(get())?.trainingRows ?? null;
      const trainPlan = await planTraining(config, results, model, finished.run, rows, get().column);
      if (mine !== plans) return null;
      set({ trainPlan });
      return trainPlan;
    } catch (error) {
      if (mine === plans) set({ trainPlan: null, trainPlanError: sentenceOf(error) });
      return null;
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
        tokensPerSecond:
          kind === 'webgpu' && !software && model.tokensPerSecond !== null
            ? slowed(model.tokensPerSecond, model.config, genesRead(config.base) ?? 0)
            : null,
      },
      { signal: mine.signal },
    );
    if (!mine.signal.aborted) set({ trainEstimate });
  }

  return {
    plan,
    deal,
    stop() {
      estimating?.abort();
      plans++;
    },
  };
}

/** The form on the page's model and embedded cells as a configuration; null while it names no label. */
export function currentTrainConfig(state: AppState): TrainConfig | null {
  const { trainForm, summary, finished, model, trainPlan } = state;
  if (!trainForm || !summary || !finished || !model) return null;
  const cells = trainPlan?.sets.train.length ?? null;
  return trainConfig(trainForm, { summary, run: finished.run, model }, cells);
}
