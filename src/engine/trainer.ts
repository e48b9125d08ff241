import type { ModelConfig } from '../model/config.ts';
import type { EngineDescription } from './engine.ts';

/**
 * Cells to learn from, packed and already masked: plain data, transferable. A step takes several (micro-batches),
 * and every loss of theirs is divided by the counts of all of them together.
 */
export interface TrainBatch {
  /** [cells + 1] offsets into `geneIds`. */
  readonly cuSeqlens: Uint32Array<ArrayBuffer>;
  /** [tokens] ids as the encoder reads them: TEDDY-G has `<mask>` where a gene is hidden, TEDDY-X keeps its genes. */
  readonly geneIds: Uint32Array<ArrayBuffer>;
  /** [tokens] TEDDY-X: bin (0 = hidden) or rank value (any number where `masked` names the token). */
  readonly values?: Float32Array<ArrayBuffer>;
  /** [masked] ascending indices of the hidden tokens. */
  readonly masked: Uint32Array<ArrayBuffer>;
  /** [masked] what was hidden: TEDDY-G the gene id, X the bin, or the rank value. */
  readonly targets: Float32Array<ArrayBuffer>;
  /** Annotation → [cells] class, −1 = unknown. Annotations not named have no labels. */
  readonly labels: Readonly<Record<string, Int32Array<ArrayBuffer>>>;
}

/** What each part of the loss counts for: loss = masked · mean over hidden tokens + Σ annotation · mean over labelled cells. */
export interface LossWeights {
  /** 0 = the decoder does not run. */
  readonly masked: number;
  /** Annotation → λ; absent = 0. */
  readonly annotations: Readonly<Record<string, number>>;
}

/** Low-rank adapters (Hu et al. 2021) beside the frozen linear layers: y = x W + (alpha / rank) · x A B. */
export interface LoraSettings {
  readonly rank: number;
  readonly alpha: number;
  /** Seed of A; B starts at zero. */
  readonly seed: number;
}

/** Which weights learn. Everything else is constant, and nothing is computed for it. */
export type Trainable =
  | { readonly kind: 'all' }
  /** Annotation heads and, where the masked loss counts, the decoder or value head. */
  | { readonly kind: 'heads' }
  /** The heads and the last `layers` layers. */
  | { readonly kind: 'last-layers'; readonly layers: number }
  /** The heads, and adapters on in_proj, out_proj, linear1 and linear2 of every layer. */
  | { readonly kind: 'lora'; readonly lora: LoraSettings };

/** What is fixed for the life of a trainer. */
export interface TrainerOptions {
  readonly trainable: Trainable;
  readonly weights: LossWeights;
  /** Keep a layer's input alone and compute the layer again in the backward pass. */
  readonly checkpointing: boolean;
  /** Probability of zeroing after attention, activation and feed-forward; masks are functions of a step's seed. */
  readonly dropout: number;
}

/** AdamW (Loshchilov & Hutter 2019): decoupled decay on tensors of two or more dimensions. */
export interface OptimiserSettings {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** Greatest norm of all gradients together. */
  readonly clipGlobalNorm: number;
  /** For the dropout of this step. */
  readonly seed: number;
}

/** Losses as means over `counts`; null where nothing was counted or the loss has weight 0. */
export interface Losses {
  readonly total: number;
  readonly masked: number | null;
  readonly annotations: Readonly<Record<string, number | null>>;
  /** Hidden tokens, and of them those predicted right (0 for the rank value). */
  readonly maskedTokens: number;
  readonly maskedRight: number;
  /** Annotation → labelled cells. */
  readonly labelled: Readonly<Record<string, number>>;
}

export interface StepResult {
  readonly losses: Losses;
  /** Norm of all gradients together before clipping; the weights are as before where it is not finite. */
  readonly gradientNorm: number;
}

export interface Evaluation {
  readonly losses: Losses;
  /** Annotation → [cells, classes] logits. */
  readonly logits: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
}

/** A tensor under the name of the model package, in PyTorch's layout; adapters are `lora.<tensor>.a|b`. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

/** Everything a trainer needs to go on as if it had never stopped. */
export interface TrainerState {
  /** Optimiser steps made. */
  readonly steps: number;
  /** The weights that learn (adapters with `lora`). */
  readonly weights: readonly NamedTensor[];
  readonly firstMoments: readonly NamedTensor[];
  readonly secondMoments: readonly NamedTensor[];
}

/** An encoder that learns. Same contract as Engine about slices of work, signals and loss of the device. */
export interface Trainer {
  readonly description: EngineDescription;
  readonly config: ModelConfig;
  readonly options: TrainerOptions;
  /** Kernel → variants in use, which with the batch plan say how a run's numbers came about; none in the reference. */
  readonly kernels: Readonly<Record<string, readonly string[]>>;
  /** Names of the tensors that learn, in the package's order. */
  readonly learning: readonly string[];
  /** Bytes of all buffers on the device, counted as they are made. */
  readonly deviceBytes: number;
  /** One step of AdamW on the losses of all micro-batches together. @throws EngineLostError */
  step(
    batches: readonly TrainBatch[],
    settings: OptimiserSettings,
    signal?: AbortSignal,
  ): Promise<StepResult>;
  /** Losses and logits without dropout; nothing learns. @throws EngineLostError */
  evaluate(batch: TrainBatch, signal?: AbortSignal): Promise<Evaluation>;
  /** The gradients a step would use, before clipping, by tensor: what tests compare. */
  gradients(
    batches: readonly TrainBatch[],
    seed: number,
  ): Promise<{ readonly losses: Losses; readonly norm: number; readonly tensors: readonly NamedTensor[] }>;
  snapshot(): Promise<TrainerState>;
  /** @throws RangeError where the state is another model's or other weights learn */
  restore(state: TrainerState): Promise<void>;
  /** The whole model's weights as a package has them, adapters merged. */
  modelWeights(): Promise<readonly NamedTensor[]>;
  destroy(): void;
}
