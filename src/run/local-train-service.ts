import { memorySource } from '../model/memory-source.ts';
import { type ModelPackage, openModelPackage } from '../model/package.ts';
import { sha256 } from '../model/sha256.ts';
import { describeCheckpoint } from '../train/checkpoint.ts';
import { baselineLines, type CompareJob, compare, type FrozenFeatures } from '../train/compare.ts';
import { parseTrainConfig, type TrainConfig } from '../train/config.ts';
import { TrainingControls } from '../train/controls.ts';
import { TrainError } from '../train/errors.ts';
import { estimateTraining } from '../train/estimate.ts';
import { cellsFingerprint, prepareTask } from '../train/prepare.ts';
import type { TrainingTask } from '../train/task.ts';
import type { BaselineLine, TrainingEstimate, TrainingSummary } from '../train/types.ts';
import { embedCells } from './embed-cells.ts';
import { type EndedRun, lastingRun, planOf } from './lasting-run.ts';
import type { JobOptions } from './services.ts';
import { countOpening } from './test-openings.ts';
import { testPackage } from './test-package.ts';
import type {
  TrainedModel,
  TrainJobOptions,
  TrainRequest,
  TrainService,
  UnfinishedRun,
} from './train-service.ts';
import { trainedPackage } from './trained-package.ts';
import { type TrainEnvironment, TrainingWork } from './training-work.ts';

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
    const work = await this.#prepare(request, options);
    const { task, base } = work;
    const checkpoint = request.resume ? await work.stored() : null;
    if (request.resume && checkpoint === null)
      options.onEvent?.({
        kind: 'notice',
        sentence:
          'There is no checkpoint of this configuration, base model, cells and donor sets: the run begins anew.',
      });
    const frozen =
      task.config.base.kind === 'package'
        ? await this.#embed(base, task, 'embedding by the base model', options)
        : null;
    const baselines = frozen === null ? [] : await this.#baselines(work, frozen);
    const ended = await lastingRun(work, this.#controls, checkpoint);
    try {
      // A cancel while the test is opened must not lose the run; after numbers that are none the last checkpoint is better.
      if (ended.run.end?.kind !== 'not-finite') await work.keep(await ended.run.snapshot());
      await ended.run.finish();
      const model = await this.#package(work, ended, frozen, baselines);
      await work.discard();
      return model;
    } finally {
      ended.trainer.destroy();
    }
  }

  async #prepare(request: TrainRequest, options: TrainJobOptions): Promise<TrainingWork> {
    const config = parseTrainConfig(request.config);
    const { source } = await this.environment.openSource(request.model, options);
    const base = await openModelPackage(source, { signal: options.signal });
    checkBase(config, base);
    const task = prepareTask(config, base, request.cells);
    const free = this.environment.freeMemory();
    if (free !== null) checkMemory(task, free, await this.environment.sharesMemory());
    const owner = { config, modelSha256: base.sha256, cells: await cellsFingerprint(task) };
    const key = await sha256(memorySource(new TextEncoder().encode(JSON.stringify(owner))));
    const work = new TrainingWork(task, base, this.environment, options, owner, key.slice(0, 32));
    for (const notice of request.notices ?? []) work.say(notice);
    if (config.base.kind === 'package' && base.training === null && task.sets.test.length > 0)
      work.say(
        `${base.name} comes without a record of the donors it was trained on: test donors may be among them.`,
      );
    return work;
  }

  async #package(
    work: TrainingWork,
    { run, trainer }: EndedRun,
    frozen: FrozenFeatures | null,
    baselines: readonly BaselineLine[],
  ): Promise<TrainedModel> {
    const { base, options, notices } = work;
    // Micro-batches may have become smaller than was asked for.
    const { task } = run;
    const draft = await trainedPackage(task, await trainer.modelWeights());
    // Moments and gradients are needed no more: the memory is for what measures the package.
    trainer.destroy();
    const trained = await this.#embed(draft.pkg, task, 'embedding by the new model', options);
    const test = await testPackage(
      this.environment.createTrainer,
      task,
      { base, stored: draft.pkg.weights, frozen: frozen ?? trained },
      this.#probeJob(options),
    );
    for (const notice of test.notices) work.say(notice);
    const opened = test.report && (await countOpening(task, this.environment.openings));
    if (opened) work.say(opened);
    const { step: steps, cellsSeen, seconds, history, validations } = run.progress;
    const summary: TrainingSummary = {
      end: run.end?.kind ?? 'stopped',
      reason: run.end?.reason ?? '',
      engine: trainer.description,
      kernels: trainer.kernels,
      steps,
      epochs: run.epochs,
      seconds,
      cellsSeen,
      best: run.best,
      history,
      validations,
      baselines,
      donors: task.sets.donors,
      plan: planOf(task),
      threshold: test.threshold,
      test: test.report,
      notices,
    };
    return draft.finish({
      base,
      summary,
      trained,
      command: options.command ?? null,
      signal: options.signal,
    });
  }

  async #baselines(work: TrainingWork, frozen: FrozenFeatures): Promise<readonly BaselineLine[]> {
    const { task, options } = work;
    if (task.sets.validation.length === 0) return [];
    const job = this.#probeJob(options);
    const lines: BaselineLine[] = [];
    for (const annotation of Object.keys(task.labels)) {
      const { methods, notices } = await compare(task, annotation, frozen, 'validation', null, job);
      if (methods === null) for (const notice of notices) work.say(notice);
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

  #probeJob({ signal, onProgress }: JobOptions): CompareJob {
    return {
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
      environment: this.environment.fits,
    };
  }
}

function checkBase({ base }: TrainConfig, { name, sha256: found }: ModelPackage): void {
  if (base.kind !== 'package') return;
  if (base.sha256 === '' && base.name !== name)
    throw new TrainError(
      'unfit-model',
      `the configuration goes on from ${base.name}, not from ${name}`,
      base.name,
    );
  if (base.sha256 !== '' && base.sha256 !== found)
    throw new TrainError(
      'unfit-model',
      `${name} has other weights than the configuration's ${base.name}`,
      base.name,
    );
}

function checkMemory(task: TrainingTask, free: number, shared: boolean): void {
  const { hostBytes, deviceBytes } = estimateTraining(task, null);
  const needed = hostBytes + (shared ? deviceBytes : 0);
  if (needed <= free) return;
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en-US')} MB`;
  throw new TrainError(
    'too-little-memory',
    `this training needs about ${megabytes(needed)} of memory, and ${megabytes(free)} are free: take fewer cells, or let fewer weights learn`,
  );
}
