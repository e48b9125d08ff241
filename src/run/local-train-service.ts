import type { Engine } from '../engine/engine.ts';
import { EngineLostError } from '../engine/engine.ts';
import type { Trainer, TrainerOptions } from '../engine/trainer.ts';
import { memorySource } from '../model/memory-source.ts';
import { type ModelPackage, openModelPackage } from '../model/package.ts';
import { sha256 } from '../model/sha256.ts';
import type { FitEnvironment } from '../probe/logistic/back-ends.ts';
import { recordPlan } from '../train/batch-plan.ts';
import {
  type Checkpoint,
  type CheckpointOwner,
  checkOwner,
  describeCheckpoint,
  readCheckpoint,
  writeCheckpoint,
} from '../train/checkpoint.ts';
import { baselineLines, compare, type FrozenFeatures } from '../train/compare.ts';
import { parseTrainConfig } from '../train/config.ts';
import { TrainingControls } from '../train/controls.ts';
import { TrainError } from '../train/errors.ts';
import { estimateTraining } from '../train/estimate.ts';
import { openTest } from '../train/open-test.ts';
import { cellsFingerprint, prepareTask } from '../train/prepare.ts';
import { resumeRun, TrainingRun } from '../train/run.ts';
import { plannedCells, type TrainingTask } from '../train/task.ts';
import type { BaselineLine, TrainingEstimate, TrainingSummary } from '../train/types.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { embedCells } from './embed-cells.ts';
import { lineOf } from './messages.ts';
import type { OpenSource } from './model-opener.ts';
import type { JobOptions } from './services.ts';
import type {
  TrainedModel,
  TrainJobOptions,
  TrainRequest,
  TrainService,
  UnfinishedRun,
} from './train-service.ts';
import { trainedPackage } from './trained-package.ts';
import type { TrainerFactory } from './trainer-factory.ts';

/** How a train service reaches models and devices: the page's worker and Node differ in nothing else. */
export interface TrainEnvironment {
  readonly openSource: OpenSource;
  readonly createTrainer: TrainerFactory;
  /** For embeddings of the base model and of the new one. */
  readonly createEngine: (pkg: Pick<ModelPackage, 'config' | 'vocabulary' | 'weights'>) => Promise<Engine>;
  readonly checkpoints: CheckpointStore;
  /** What large fits of the linear probe run on. */
  readonly fits: FitEnvironment;
  /** Bytes that this process may still take; null = nobody knows. */
  readonly freeMemory: () => number | null;
  /** Seconds between two checkpoints, about. */
  readonly checkpointSeconds: number;
}

/** Devices lost one after the other without a step between before a run is given up. */
const MOST_LOSSES = 2;

/** A run under way with all that its parts share. */
interface Work {
  readonly task: TrainingTask;
  readonly base: ModelPackage;
  readonly owner: CheckpointOwner;
  readonly key: string;
  readonly options: TrainJobOptions;
  readonly notices: string[];
}

/** Training on this thread: lives in the train worker, or is called directly headless. One run at a time. */
export class LocalTrainService implements TrainService {
  #controls = new TrainingControls();
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly environment: TrainEnvironment) {}

  async estimate(
    { config: asked, model, cells, tokensPerSecond }: Parameters<TrainService['estimate']>[0],
    options: JobOptions,
  ): Promise<TrainingEstimate> {
    const config = parseTrainConfig(asked);
    const { source } = await this.environment.openSource(model, options);
    const task = prepareTask(config, await openModelPackage(source, { signal: options.signal }), cells);
    return estimateTraining(task, tokensPerSecond);
  }

  train(request: TrainRequest, options: TrainJobOptions): Promise<TrainedModel> {
    const result = this.#last.then(() => {
      this.#controls = new TrainingControls();
      return this.#train(request, options);
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  async pause(paused: boolean): Promise<void> {
    this.#controls.pause(paused);
  }

  async stop(): Promise<void> {
    this.#controls.stop();
  }

  async unfinished(): Promise<readonly UnfinishedRun[]> {
    const runs: UnfinishedRun[] = [];
    for (const key of await this.environment.checkpoints.keys()) {
      const source = await this.environment.checkpoints.open(key);
      // A damaged one is no run that could go on; the next of its key replaces it.
      const found = source && (await describeCheckpoint(source).catch(() => null));
      if (source && found) runs.push({ key, bytes: source.size, ...found });
    }
    return runs;
  }

  async discard(key: string): Promise<void> {
    await this.environment.checkpoints.remove(key);
  }

  async #train(request: TrainRequest, options: TrainJobOptions): Promise<TrainedModel> {
    const { signal } = options;
    const config = parseTrainConfig(request.config);
    const { source } = await this.environment.openSource(request.model, options);
    const base = await openModelPackage(source, { signal });
    checkBase(config, base);
    const task = prepareTask(config, base, request.cells);
    this.#checkMemory(task);
    const owner = { config, modelSha256: base.sha256, cells: await cellsFingerprint(task) };
    const key = (await sha256(memorySource(new TextEncoder().encode(JSON.stringify(owner))))).slice(0, 32);
    const work: Work = { task, base, owner, key, options, notices: [...task.sets.notices] };
    for (const sentence of work.notices) options.onEvent?.({ kind: 'notice', sentence });
    const checkpoint = request.resume ? await this.#stored(work) : null;
    const frozen =
      config.base.kind === 'package'
        ? await this.#embed(base, task, 'embedding by the base model', options)
        : null;
    const baselines = frozen === null ? [] : await this.#baselines(work, frozen);
    const { run, trainer } = await this.#run(work, checkpoint);
    try {
      // A cancel while the test is opened must not lose the run.
      await this.#keep(work, await run.snapshot());
      await run.finish();
      const model = await this.#package(work, run, trainer, frozen, baselines);
      await this.environment.checkpoints.remove(key);
      return model;
    } finally {
      trainer.destroy();
    }
  }

  /** The run to its end; after a lost device on a new one, from the last checkpoint. */
  async #run(work: Work, from: Checkpoint | null): Promise<{ run: TrainingRun; trainer: Trainer }> {
    const { options } = work;
    const { signal, onEvent } = options;
    let task = work.task;
    let checkpoint = from;
    let losses = 0;
    for (;;) {
      const trainer = await this.environment.createTrainer(task.model, trainerOptions(task));
      const tell = onEvent ?? (() => undefined);
      const run: TrainingRun = checkpoint
        ? await resumeRun(task, trainer, tell, checkpoint)
        : new TrainingRun(task, trainer, tell);
      const begun = run.step;
      tell({
        kind: 'started',
        engine: trainer.description,
        steps: run.steps,
        plan: recordPlan(plannedCells(task, task.sets.train), task.config.batches, task.config.seed),
        resumedAt: begun,
        deviceBytes: trainer.deviceBytes,
        learning: trainer.learning.length,
      });
      let kept = performance.now();
      const between = async () => {
        const due = performance.now() - kept > 1000 * this.environment.checkpointSeconds;
        if (!due && !this.#controls.paused) return;
        checkpoint = await run.snapshot();
        await this.#keep(work, checkpoint);
        kept = performance.now();
      };
      try {
        await run.run(this.#controls, signal, between);
        return { run, trainer };
      } catch (error) {
        trainer.destroy();
        losses = run.step === begun ? losses + 1 : 0;
        if (!(error instanceof EngineLostError) || signal?.aborted || losses > MOST_LOSSES) throw error;
        const memory = error.reason === 'out-of-memory';
        // Losses are divided by the counts of a whole step: smaller micro-batches change nothing but rounding.
        if (memory) task = withTokens(task, Math.ceil(task.config.batches.tokens / 2));
        const at = checkpoint?.progress.step ?? 0;
        this.#say(
          work,
          `The device was lost in step ${run.step + 1} (${error.message}); the run goes on from step ${at}${memory ? ' with micro-batches of half the size' : ''}.`,
        );
      }
    }
  }

  async #package(
    work: Work,
    run: TrainingRun,
    trainer: Trainer,
    frozen: FrozenFeatures | null,
    baselines: readonly BaselineLine[],
  ): Promise<TrainedModel> {
    const { task, base, options, notices } = work;
    const weights = await trainer.modelWeights();
    const draft = await trainedPackage(task, weights);
    const trained = await this.#embed(draft.pkg, task, 'embedding by the new model', options);
    const job = { ...probeJob(options), environment: this.environment.fits };
    const test = await openTest(trainer, task, frozen ?? trained, job);
    notices.push(...test.notices);
    const { step: steps, cellsSeen, seconds, history, validations } = run.progress;
    const summary: TrainingSummary = {
      end: run.end?.kind ?? 'stopped',
      reason: run.end?.reason ?? '',
      engine: trainer.description,
      steps,
      epochs: run.epochs,
      seconds,
      cellsSeen,
      best: run.best,
      history,
      validations,
      baselines,
      donors: task.sets.donors,
      plan: recordPlan(plannedCells(task, task.sets.train), task.config.batches, task.config.seed),
      threshold: test.threshold,
      test: test.report,
      notices,
    };
    return draft.finish({ base, summary, trained, command: options.command ?? null, signal: options.signal });
  }

  async #baselines(work: Work, frozen: FrozenFeatures): Promise<readonly BaselineLine[]> {
    const { task, options } = work;
    if (task.sets.validation.length === 0) return [];
    const job = { ...probeJob(options), environment: this.environment.fits };
    const lines: BaselineLine[] = [];
    for (const annotation of Object.keys(task.labels)) {
      const { methods, notices } = await compare(task, annotation, frozen, 'validation', null, job);
      if (methods === null) for (const notice of notices) this.#say(work, notice);
      else lines.push(...baselineLines(annotation, methods));
    }
    options.onEvent?.({ kind: 'baselines', lines });
    return lines;
  }

  async #embed(
    pkg: Pick<ModelPackage, 'config' | 'vocabulary' | 'weights'>,
    { cells, sets }: TrainingTask,
    stage: string,
    options: JobOptions,
  ): Promise<FrozenFeatures> {
    const engine = await this.environment.createEngine(pkg);
    try {
      const chosen = Uint32Array.from([...sets.train, ...sets.validation, ...sets.test]).sort();
      return await embedCells(engine, cells.tokens, chosen, stage, options);
    } finally {
      engine.destroy();
    }
  }

  async #stored(work: Work): Promise<Checkpoint | null> {
    const source = await this.environment.checkpoints.open(work.key);
    if (source === null) return null;
    const { checkpoint, owner } = await readCheckpoint(source);
    checkOwner(owner, work.owner);
    return checkpoint;
  }

  /** A full disk must not end a run: it goes on, and says that it could not be resumed. */
  async #keep(work: Work, checkpoint: Checkpoint): Promise<void> {
    const bytes = writeCheckpoint(checkpoint, work.owner);
    try {
      await this.environment.checkpoints.write(work.key, bytes);
      work.options.onEvent?.({ kind: 'checkpoint', step: checkpoint.progress.step, bytes: bytes.length });
    } catch (error) {
      this.#say(
        work,
        `The checkpoint could not be stored (${lineOf(error)}): after a reload the run starts anew.`,
      );
    }
  }

  #checkMemory(task: TrainingTask): void {
    const free = this.environment.freeMemory();
    const { hostBytes } = estimateTraining(task, null);
    if (free === null || hostBytes <= free) return;
    const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en-US')} MB`;
    throw new TrainError(
      'too-little-memory',
      `this training needs about ${megabytes(hostBytes)} of memory, and ${megabytes(free)} are free: take fewer cells, or let fewer weights learn`,
    );
  }

  #say({ options, notices }: Work, sentence: string): void {
    if (notices.includes(sentence)) return;
    notices.push(sentence);
    options.onEvent?.({ kind: 'notice', sentence });
  }
}

function trainerOptions({ config, weights }: TrainingTask): TrainerOptions {
  const { trainable, checkpointing, dropout } = config;
  return { trainable, weights, checkpointing, dropout };
}

function withTokens(task: TrainingTask, tokens: number): TrainingTask {
  return { ...task, config: { ...task.config, batches: { ...task.config.batches, tokens } } };
}

function probeJob({ signal, onProgress }: JobOptions): JobOptions {
  return { ...(signal ? { signal } : {}), ...(onProgress ? { onProgress } : {}) };
}

function checkBase(
  { base }: ReturnType<typeof parseTrainConfig>,
  { name, sha256: found }: ModelPackage,
): void {
  if (base.kind === 'package' && base.sha256 !== '' && base.sha256 !== found)
    throw new TrainError(
      'unfit-model',
      `${name} has other weights than the configuration's ${base.name}`,
      base.name,
    );
}
