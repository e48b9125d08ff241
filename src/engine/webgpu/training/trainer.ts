import { padTo4 } from '../../../gpu/buffers.ts';
import type { GpuContext } from '../../../gpu/device.ts';
import type { ModelConfig } from '../../../model/config.ts';
import type { WeightSource } from '../../../model/weights.ts';
import type { EngineDescription } from '../../engine.ts';
import { checkTensors, packageTensors } from '../../reference/training/parameters.ts';
import type {
  Evaluation,
  Losses,
  NamedTensor,
  OptimiserSettings,
  StepResult,
  TrainBatch,
  Trainer,
  TrainerOptions,
  TrainerState,
} from '../../trainer.ts';
import { learningTensors, type TensorShapes } from '../../training-tensors.ts';
import type { BrokenKernel } from '../broken-kernel.ts';
import { chooseFrom, freshSeed } from '../choose-kernels.ts';
import { type Dispatch, groupDispatches } from '../dispatch.ts';
import { asEngineError } from '../encoder.ts';
import { Executor } from '../executor.ts';
import { Pace } from '../pace.ts';
import { variantsOf } from '../self-test.ts';
import { SubmitQueue } from '../submit-queue.ts';
import { adapterValues, mergeAdapters } from './adapters.ts';
import { ZEROS } from './builder.ts';
import { readParameters, rowsOf, rowsOfSource, writeParameters } from './device-weights.ts';
import { trainerCases } from './kernel-cases.ts';
import { takeLogits } from './losses.ts';
import { NORM_BUFFERS, normBytes, planAdamW, planNorm, planZero } from './optimiser.ts';
import {
  firstMomentOf,
  gradientOf,
  type Parameter,
  secondMomentOf,
  trainingParameters,
} from './parameters.ts';
import { type ChunkSizes, trainingShape } from './shape.ts';
import { passBatches, type TrainerParts } from './step.ts';

/** Switches of tests; a trainer in use has none. */
export interface TrainerSwitches extends ChunkSizes {
  /** Kernel variant to prefer where a kernel has it. */
  readonly variant?: string;
  readonly breakKernel?: BrokenKernel;
  /** Flops of one command buffer; otherwise measured. */
  readonly submitFlops?: number;
}

/**
 * A trainer on our own WGSL kernels, after each of them has been tested on the device. The caller keeps the device.
 * @param weights read now what trains, and again by `modelWeights` what does not
 * @param annotationIds ids of the tokens before the genes, in the order of the config's annotations
 * @throws KernelSelfTestError, RangeError where a tensor is not of its shape, EngineLostError where the weights do
 * not fit the device
 */
export async function createWebGpuTrainer(
  context: GpuContext,
  config: ModelConfig,
  weights: WeightSource,
  annotationIds: readonly number[],
  options: TrainerOptions,
  switches: TrainerSwitches = {},
): Promise<Trainer> {
  const { choose, results } = await chooseFrom(context, trainerCases(config, freshSeed()), {
    prefer: switches.variant,
    broken: switches.breakKernel,
  });
  const executor = new Executor(context, choose, new Map(), switches.breakKernel);
  const shape = trainingShape(config, options, switches);
  const parameters = trainingParameters(shape);
  const pace = new Pace(context.software, switches.submitFlops);
  const special = { annotations: annotationIds, pad: null };
  const parts: TrainerParts = { context, executor, pace, shape, special, parameters };
  try {
    await allocate(parts, weights);
    return new WebGpuTrainer(parts, weights, variantsOf(results));
  } catch (cause) {
    executor.destroy();
    throw asEngineError(cause);
  }
}

/** Weights, and for those that learn gradients and moments of zero. */
async function allocate({ context, executor, shape, parameters }: TrainerParts, source: WeightSource) {
  const { config, options } = shape;
  const adapters = adapterValues(config, options.trainable);
  const fromSource = rowsOfSource(source);
  const fromAdapters = rowsOf(adapters);
  const names = new Set(adapters.map(({ name }) => name));
  await writeParameters(
    context,
    executor,
    parameters,
    (buffer) => buffer,
    (tensor, start, end) => (names.has(tensor) ? fromAdapters : fromSource)(tensor, start, end),
  );
  await executor.reserve(ZEROS, 4 * padTo4(Math.max(3 * config.dModel, config.dHid)));
  const learning = parameters.filter(({ learns }) => learns);
  for (const { buffer, count } of learning)
    for (const nameOf of [gradientOf, firstMomentOf, secondMomentOf])
      await executor.reserve(nameOf(buffer), 4 * count);
  const { sums, factor } = normBytes(learning);
  await executor.reserve(NORM_BUFFERS.sums, sums);
  await executor.reserve(NORM_BUFFERS.factor, factor);
}

class WebGpuTrainer implements Trainer {
  readonly description: EngineDescription;
  readonly config: ModelConfig;
  readonly options: TrainerOptions;
  readonly kernels: Trainer['kernels'];
  readonly learning: readonly string[];
  readonly #parts: TrainerParts;
  readonly #source: WeightSource;
  readonly #learningShapes: TensorShapes;
  readonly #learning: readonly Parameter[];
  #steps = 0;
  /** Calls run one after the other: they share the arena. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: TrainerParts, source: WeightSource, kernels: Trainer['kernels']) {
    const { config, options } = parts.shape;
    const { name, software } = parts.context;
    this.description = { kind: 'webgpu', device: name, software };
    this.config = config;
    this.options = options;
    this.kernels = kernels;
    this.#parts = parts;
    this.#source = source;
    this.#learningShapes = learningTensors(config, options);
    this.learning = [...this.#learningShapes.keys()];
    this.#learning = parts.parameters.filter(({ learns }) => learns);
  }

  get deviceBytes(): number {
    return this.#parts.executor.bytes;
  }

  step(
    batches: readonly TrainBatch[],
    settings: OptimiserSettings,
    signal?: AbortSignal,
  ): Promise<StepResult> {
    return this.#inTurn(async () => {
      const losses = await this.#accumulate(batches, settings.seed, signal);
      // From here on nothing is cancelled: a step is made whole or not at all.
      await this.#submit([
        ...planNorm(this.#learning, settings.clipGlobalNorm),
        ...planAdamW(this.#learning, settings, this.#steps + 1),
      ]);
      const { norm, finite } = await this.#readNorm();
      if (finite) this.#steps++;
      return { losses, gradientNorm: norm };
    });
  }

  evaluate(batch: TrainBatch, signal?: AbortSignal): Promise<Evaluation> {
    return this.#inTurn(async () => {
      const { shape } = this.#parts;
      const cells = batch.cuSeqlens.length - 1;
      const logits: Record<string, Float32Array<ArrayBuffer>> = {};
      for (const [name, { length }] of Object.entries(this.config.annotations))
        logits[name] = new Float32Array(cells * length);
      const onAnswers = (answers: ReadonlyMap<string, ArrayBuffer>) => takeLogits(shape, answers, logits);
      const options = { gradients: false, dropout: null, signal, onAnswers };
      const losses = await passBatches(this.#parts, [batch], options);
      return { losses, logits };
    });
  }

  gradients(
    batches: readonly TrainBatch[],
    seed: number,
  ): Promise<{ readonly losses: Losses; readonly norm: number; readonly tensors: readonly NamedTensor[] }> {
    return this.#inTurn(async () => {
      const losses = await this.#accumulate(batches, seed, undefined);
      await this.#submit(planNorm(this.#learning, 1));
      const { norm } = await this.#readNorm();
      return { losses, norm, tensors: await this.#read(gradientOf) };
    });
  }

  snapshot(): Promise<TrainerState> {
    return this.#inTurn(async () => ({
      steps: this.#steps,
      weights: await this.#read((buffer) => buffer),
      firstMoments: await this.#read(firstMomentOf),
      secondMoments: await this.#read(secondMomentOf),
    }));
  }

  restore(state: TrainerState): Promise<void> {
    return this.#inTurn(async () => {
      const { context, executor } = this.#parts;
      const kinds = [
        { tensors: state.weights, nameOf: (buffer: string) => buffer, what: 'weights' },
        { tensors: state.firstMoments, nameOf: firstMomentOf, what: 'first moments' },
        { tensors: state.secondMoments, nameOf: secondMomentOf, what: 'second moments' },
      ];
      for (const { tensors, what } of kinds) checkTensors(this.#learningShapes, tensors, what);
      for (const { tensors, nameOf } of kinds)
        await writeParameters(context, executor, this.#learning, nameOf, rowsOf(tensors));
      this.#steps = state.steps;
    });
  }

  modelWeights(): Promise<readonly NamedTensor[]> {
    return this.#inTurn(async () => {
      const learned = await this.#read((buffer) => buffer);
      const byName = new Map(learned.map((tensor) => [tensor.name, tensor]));
      const shapes = packageTensors(this.config, this.#source, this.options.weights.masked);
      const tensors: NamedTensor[] = [];
      for (const [name, shape] of shapes)
        tensors.push(byName.get(name) ?? { name, shape, data: await this.#source.read(name) });
      return mergeAdapters(this.config, this.options.trainable, tensors, byName);
    });
  }

  destroy(): void {
    this.#parts.executor.destroy();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work).catch((cause) => {
      throw asEngineError(cause);
    });
    this.#last = result.catch(() => {});
    return result;
  }

  /** Gradients of the losses of all micro-batches together, in their buffers. */
  async #accumulate(
    batches: readonly TrainBatch[],
    seed: number,
    signal: AbortSignal | undefined,
  ): Promise<Losses> {
    const { dropout: probability } = this.options;
    await this.#submit(planZero(this.#learning));
    return passBatches(this.#parts, batches, {
      gradients: true,
      dropout: probability > 0 ? { probability, seed } : null,
      signal,
    });
  }

  async #submit(dispatches: readonly Dispatch[]): Promise<void> {
    const { executor, pace } = this.#parts;
    const queue = new SubmitQueue(executor, pace, undefined);
    for (const group of groupDispatches(dispatches, pace.budget)) await queue.submit(group);
  }

  async #readNorm(): Promise<{ readonly norm: number; readonly finite: boolean }> {
    const [[norm, , finite]] = await this.#parts.executor.read([{ name: NORM_BUFFERS.factor, bytes: 16 }]);
    return { norm: finite === 1 ? norm : Number.NaN, finite: finite === 1 };
  }

  #read(nameOf: (buffer: string) => string): Promise<NamedTensor[]> {
    return readParameters(this.#parts.executor, this.#learning, nameOf, this.#learningShapes);
  }
}
