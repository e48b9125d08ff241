import type { ModelConfig } from '../../../model/config.ts';
import type { WeightSource } from '../../../model/weights.ts';
import { checkTrainBatch } from '../../check-train-batch.ts';
import type { StepDropout } from '../../dropout.ts';
import type { EngineDescription } from '../../engine.ts';
import { countLosses, type LossSums, meanLosses } from '../../loss-counts.ts';
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
import { adamW, globalNorm, type Moments } from './adam-w.ts';
import { Adapters } from './adapters.ts';
import { passCell } from './cell.ts';
import { batchRows } from './input.ts';
import {
  checkTensors,
  copyTensors,
  exportTensors,
  type Parameters,
  packageTensors,
  readParameters,
  zeros,
} from './parameters.ts';

/** Milliseconds of arithmetic after which timers and messages (an abort, for one) are let through. */
const BREATH_AFTER = 15;

/**
 * The trainer in plain float64 TypeScript: what every other trainer is measured against. One cell at a time; weights
 * and moments stay float64 in memory and leave as float32. Checkpointing changes nothing here: activations live for
 * one cell.
 * @param annotationIds ids of the tokens before the genes, in the order of the config's annotations
 * @throws RangeError where a tensor is not of its shape
 */
export async function createReferenceTrainer(
  config: ModelConfig,
  weights: WeightSource,
  annotationIds: readonly number[],
  options: TrainerOptions,
): Promise<Trainer> {
  const shapes = packageTensors(config, weights, options.weights.masked);
  const parameters = await readParameters(weights, shapes);
  const { trainable } = options;
  const adapters = trainable.kind === 'lora' ? new Adapters(config, trainable.lora) : null;
  for (const [name, values] of adapters?.initial() ?? []) parameters.set(name, values);
  return new ReferenceTrainer(config, options, annotationIds, shapes, parameters, adapters);
}

class ReferenceTrainer implements Trainer {
  readonly description: EngineDescription = { kind: 'reference', device: 'float64', software: true };
  readonly kernels = {};
  readonly learning: readonly string[];
  readonly deviceBytes: number;
  readonly #shapes: TensorShapes;
  readonly #moments: Moments;
  /** What gradients are computed for: the tensors that learn, and those with adapters in their place. */
  readonly #derived: TensorShapes;
  #steps = 0;

  constructor(
    readonly config: ModelConfig,
    readonly options: TrainerOptions,
    private readonly annotationIds: readonly number[],
    private readonly packageShapes: TensorShapes,
    private readonly parameters: Parameters,
    private readonly adapters: Adapters | null,
  ) {
    this.#shapes = learningTensors(config, options);
    this.learning = [...this.#shapes.keys()];
    this.#moments = { first: zeros(this.#shapes), second: zeros(this.#shapes) };
    const adapted = new Set(adapters?.adapted);
    this.#derived = new Map([
      ...[...this.#shapes].filter(([name]) => packageShapes.has(name)),
      ...[...packageShapes].filter(([name]) => adapted.has(name)),
    ]);
    const values = [parameters, this.#moments.first, this.#moments.second].flatMap((map) => [
      ...map.values(),
    ]);
    this.deviceBytes = values.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  async step(
    batches: readonly TrainBatch[],
    settings: OptimiserSettings,
    signal?: AbortSignal,
  ): Promise<StepResult> {
    const { losses, gradients } = await this.#backward(batches, settings.seed, signal);
    const norm = globalNorm(gradients);
    if (Number.isFinite(norm)) {
      this.#steps++;
      const factor = Math.min(1, settings.clipGlobalNorm / norm);
      adamW(this.parameters, this.#moments, gradients, this.#shapes, settings, factor, this.#steps);
    }
    return { losses, gradientNorm: norm };
  }

  async evaluate(batch: TrainBatch, signal?: AbortSignal): Promise<Evaluation> {
    const cells = batch.cuSeqlens.length - 1;
    const logits = Object.fromEntries(
      Object.entries(this.config.annotations).map(([name, { length }]) => [
        name,
        new Float32Array(cells * length),
      ]),
    );
    const losses = await this.#pass([batch], null, null, signal, (cell, answers) => {
      for (const [name, values] of answers) logits[name].set(values, cell * values.length);
    });
    return { losses, logits };
  }

  async gradients(
    batches: readonly TrainBatch[],
    seed: number,
  ): Promise<{ losses: Losses; norm: number; tensors: readonly NamedTensor[] }> {
    const { losses, gradients } = await this.#backward(batches, seed);
    return { losses, norm: globalNorm(gradients), tensors: exportTensors(gradients, this.#shapes) };
  }

  async snapshot(): Promise<TrainerState> {
    return {
      steps: this.#steps,
      weights: exportTensors(this.parameters, this.#shapes),
      firstMoments: exportTensors(this.#moments.first, this.#shapes),
      secondMoments: exportTensors(this.#moments.second, this.#shapes),
    };
  }

  async restore(state: TrainerState): Promise<void> {
    const parts = [
      [this.parameters, state.weights, 'weights'],
      [this.#moments.first, state.firstMoments, 'first moments'],
      [this.#moments.second, state.secondMoments, 'second moments'],
    ] as const;
    for (const [, tensors, what] of parts) checkTensors(this.#shapes, tensors, what);
    for (const [into, tensors] of parts) copyTensors(into, tensors);
    this.#steps = state.steps;
  }

  async modelWeights(): Promise<readonly NamedTensor[]> {
    return exportTensors(this.adapters?.merged(this.parameters) ?? this.parameters, this.packageShapes);
  }

  destroy(): void {}

  async #backward(
    batches: readonly TrainBatch[],
    seed: number,
    signal?: AbortSignal,
  ): Promise<{ readonly losses: Losses; readonly gradients: Parameters }> {
    const gradients = zeros(this.#derived);
    const { dropout: probability } = this.options;
    const dropout = probability > 0 ? { probability, seed } : null;
    const losses = await this.#pass(batches, dropout, gradients, signal);
    return { losses, gradients: this.adapters?.project(this.parameters, gradients) ?? gradients };
  }

  async #pass(
    batches: readonly TrainBatch[],
    dropout: StepDropout | null,
    gradients: Parameters | null,
    signal: AbortSignal | undefined,
    onCell?: (cell: number, logits: ReadonlyMap<string, Float64Array>) => void,
  ): Promise<Losses> {
    const { config, options } = this;
    for (const batch of batches) checkTrainBatch(batch, config);
    const counts = countLosses(batches, Object.keys(config.annotations));
    const parameters = this.adapters?.merged(this.parameters) ?? this.parameters;
    const step = { config, parameters, weights: options.weights, counts, dropout };
    const sums: LossSums = { masked: 0, maskedRight: 0, annotations: {} };
    let breathed = performance.now();
    for (const [microBatch, batch] of batches.entries()) {
      let firstRow = 0;
      for (const [index, rows] of batchRows(batch, this.annotationIds).entries()) {
        signal?.throwIfAborted();
        const logits = passCell(step, { batch, microBatch, index, rows, firstRow }, sums, gradients);
        onCell?.(index, logits);
        firstRow += rows.length;
        if (performance.now() - breathed > BREATH_AFTER) {
          await new Promise<void>((resolve) => setTimeout(resolve, 0));
          breathed = performance.now();
        }
      }
    }
    signal?.throwIfAborted();
    return meanLosses(sums, counts, options.weights);
  }
}
