import type { NamedTensor, StepResult, Trainer, TrainerState } from '../engine/trainer.ts';
import { planEpoch, type StepPlan, stepsPerEpoch } from './batch-plan.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { TrainingControls } from './controls.ts';
import { TrainError } from './errors.ts';
import { History } from './history.ts';
import { maskedBatch } from './masking.ts';
import { learningRateAt } from './schedule.ts';
import { DRAW, mixSeeds } from './seeds.ts';
import { maskedModel, maskingOf, plannedCells, type TrainingTask } from './task.ts';
import type { StepPoint, TrainingEnd, TrainingEvent, ValidationPoint } from './types.ts';
import { validate } from './validate.ts';

interface Best {
  readonly point: ValidationPoint;
  readonly weights: readonly NamedTensor[];
}

/**
 * A training over a trainer: every draw is a function of the seed and the step, so that a run that goes on from a
 * checkpoint is the run that was never interrupted. The weights of the best validation are kept; `finish` puts them
 * back.
 */
export class TrainingRun {
  /** Optimiser steps of the whole run. */
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly #history: History;
  readonly #validations: ValidationPoint[];
  #step = 0;
  #cellsSeen = 0;
  #seconds = 0;
  #best: Best | null = null;
  #end: TrainingEnd | null = null;
  #reason = '';
  #epochPlan: { readonly epoch: number; readonly steps: readonly StepPlan[] } | null = null;
  /** The state of the last snapshot: what a run without validation falls back to. */
  #good: TrainerState | null = null;
  readonly #session = { steps: 0, seconds: 0 };

  /** @param trainer fresh, or holding the state of `checkpoint` (see `resumeRun`) */
  constructor(
    readonly task: TrainingTask,
    private readonly trainer: Trainer,
    private readonly onEvent: (event: TrainingEvent) => void,
    checkpoint: Checkpoint | null = null,
  ) {
    const { config, sets } = task;
    this.stepsPerEpoch = stepsPerEpoch(plannedCells(task, sets.train), config.batches);
    this.steps = Math.min(config.epochs * this.stepsPerEpoch, config.maxSteps ?? Number.POSITIVE_INFINITY);
    this.#history = new History(checkpoint?.progress.history);
    this.#validations = [...(checkpoint?.progress.validations ?? [])];
    if (checkpoint === null) return;
    this.#step = checkpoint.progress.step;
    this.#cellsSeen = checkpoint.progress.cellsSeen;
    this.#seconds = checkpoint.progress.seconds;
    this.#good = checkpoint.trainer;
    const point = this.#validations.findLast(({ best }) => best);
    if (point && checkpoint.best) this.#best = { point, weights: checkpoint.best };
    this.#judge();
  }

  get step(): number {
    return this.#step;
  }

  get epochs(): number {
    return Math.ceil(this.#step / this.stepsPerEpoch);
  }

  get end(): { readonly kind: TrainingEnd; readonly reason: string } | null {
    return this.#end && { kind: this.#end, reason: this.#reason };
  }

  get best(): ValidationPoint | null {
    return this.#best?.point ?? null;
  }

  get progress(): Checkpoint['progress'] {
    return {
      step: this.#step,
      steps: this.steps,
      cellsSeen: this.#cellsSeen,
      seconds: this.#seconds,
      history: [...this.#history.points],
      validations: [...this.#validations],
    };
  }

  /** Goes on to the end, or until the controls or the signal say otherwise. `between` is awaited after every step. */
  async run(
    controls: TrainingControls,
    signal: AbortSignal | undefined,
    between: (run: TrainingRun) => Promise<void> = async () => undefined,
  ): Promise<void> {
    while (this.#end === null) {
      if (controls.paused) {
        this.onEvent({ kind: 'paused', step: this.#step });
        await controls.waiting(signal);
        this.onEvent({ kind: 'resumed', step: this.#step });
      }
      signal?.throwIfAborted();
      if (controls.stopped) {
        this.#finishAs('stopped', `stopped after ${this.#step} of ${this.steps} steps`);
        break;
      }
      await this.advance(signal);
      await between(this);
    }
    // A run that was stopped between two validations may just have become better.
    const last = this.#validations.at(-1)?.step ?? -1;
    if (this.#end === 'stopped' && last < this.#step) await this.#validate(signal);
  }

  /** One optimiser step, and the validation that is due after it (before the first step: that of the start). */
  async advance(signal?: AbortSignal): Promise<void> {
    if (this.#end !== null) return;
    const started = performance.now();
    if (this.#step === 0 && this.#validations.length === 0 && this.#hasValidation)
      await this.#validate(signal);
    else await this.#learn(signal);
    const seconds = (performance.now() - started) / 1000;
    this.#seconds += seconds;
    this.#session.seconds += seconds;
  }

  /** Everything to go on from here. */
  async snapshot(): Promise<Checkpoint> {
    const trainer = await this.trainer.snapshot();
    this.#good = trainer;
    return { progress: this.progress, trainer, best: this.#best?.weights ?? null };
  }

  /**
   * Puts the weights to keep into the trainer: the best by validation; without validation the last, or, where those
   * led to numbers that are none, the last checkpoint's.
   * @throws TrainError 'not-finite' where there is nothing good to keep
   */
  async finish(): Promise<void> {
    const failed = this.#end === 'not-finite';
    const weights = this.#best?.weights ?? (failed ? this.#good?.weights : undefined);
    // The weights at hand are those that gave no number.
    if (failed && weights === undefined) throw new TrainError('not-finite', this.#reason);
    if (weights !== undefined) await this.trainer.restore({ ...(await this.trainer.snapshot()), weights });
  }

  get #hasValidation(): boolean {
    return this.task.sets.validation.length > 0;
  }

  async #learn(signal: AbortSignal | undefined): Promise<void> {
    const { task, trainer } = this;
    const { optimiser, seed } = task.config;
    const epoch = Math.floor(this.#step / this.stepsPerEpoch);
    if (this.#epochPlan?.epoch !== epoch) {
      const planned = plannedCells(task, task.sets.train);
      this.#epochPlan = { epoch, steps: planEpoch(planned, task.config.batches, seed, epoch) };
    }
    const plan = this.#epochPlan.steps[this.#step % this.stepsPerEpoch];
    const batches = plan.map((cells) =>
      maskedBatch(task.cells.tokens, cells, task.labels, maskingOf(task, epoch), maskedModel(task)),
    );
    const learningRate = learningRateAt(this.#step, this.steps, optimiser);
    const started = performance.now();
    const result = await trainer.step(
      batches,
      {
        learningRate,
        beta1: optimiser.beta1,
        beta2: optimiser.beta2,
        eps: optimiser.eps,
        weightDecay: optimiser.weightDecay,
        clipGlobalNorm: optimiser.clipGlobalNorm,
        seed: mixSeeds(seed, DRAW.dropout, this.#step),
      },
      signal,
    );
    if (!allFinite(result)) {
      this.#finishAs(
        'not-finite',
        `the loss (${result.losses.total}) or its gradient (${result.gradientNorm}) was no finite number in step ${this.#step + 1}: the learning rate ${learningRate.toPrecision(2)} may be too high`,
      );
      return;
    }
    this.#step++;
    const cells = plan.reduce((sum, micro) => sum + micro.length, 0);
    const tokens = batches.reduce((sum, { geneIds }) => sum + geneIds.length, 0);
    this.#cellsSeen += cells;
    const seconds = Math.max(1e-6, (performance.now() - started) / 1000);
    const point: StepPoint = {
      step: this.#step,
      epoch: epoch + 1,
      losses: result.losses,
      gradientNorm: result.gradientNorm,
      learningRate,
    };
    this.#history.add(point);
    this.#session.steps++;
    const secondsPerStep = (this.#session.seconds + seconds) / this.#session.steps;
    this.onEvent({
      kind: 'step',
      ...point,
      steps: this.steps,
      cellsPerSecond: cells / seconds,
      tokensPerSecond: tokens / seconds,
      secondsLeft: (this.steps - this.#step) * secondsPerStep,
    });
    const every = task.config.validation.everySteps ?? this.stepsPerEpoch;
    if (this.#hasValidation && (this.#step % every === 0 || this.#step === this.steps))
      await this.#validate(signal);
    this.#judge();
  }

  async #validate(signal: AbortSignal | undefined): Promise<void> {
    const { task, trainer } = this;
    if (!this.#hasValidation) return;
    const point = await validate(trainer, task, this.#step, this.epochs, this.best, signal);
    if (!Number.isFinite(point.losses.total)) {
      this.#finishAs(
        'not-finite',
        `the loss of the validation cells was no finite number after step ${this.#step}`,
      );
      return;
    }
    this.#validations.push(point);
    if (point.best) this.#best = { point, weights: (await trainer.snapshot()).weights };
    this.onEvent({ kind: 'validation', ...point });
  }

  #judge(): void {
    if (this.#end !== null) return;
    const { patience } = this.task.config.validation;
    const since = this.#validations.length - 1 - this.#validations.findLastIndex(({ best }) => best);
    if (patience !== null && this.#validations.length > 0 && since >= patience)
      this.#finishAs('early', `no better validation in ${since} of them, after ${this.#step} steps`);
    else if (this.#step >= this.steps) this.#finishAs('all-epochs', `all ${this.steps} steps were made`);
  }

  #finishAs(end: TrainingEnd, reason: string): void {
    this.#end = end;
    this.#reason = reason;
  }
}

function allFinite({ losses, gradientNorm }: StepResult): boolean {
  return Number.isFinite(losses.total) && Number.isFinite(gradientNorm);
}

/** Puts a checkpoint's state into a fresh trainer and goes on from it. */
export async function resumeRun(
  task: TrainingTask,
  trainer: Trainer,
  onEvent: (event: TrainingEvent) => void,
  checkpoint: Checkpoint,
): Promise<TrainingRun> {
  await trainer.restore(checkpoint.trainer);
  return new TrainingRun(task, trainer, onEvent, checkpoint);
}
