import type { EngineDescription } from '../engine/engine.ts';
import type { Losses, Trainer } from '../engine/trainer.ts';
import type { TokenBatch } from '../model/token-batch.ts';
import type { MethodResult } from '../probe/results.ts';
import type { Grouping, LogCounts } from '../probe/types.ts';

/**
 * What the parts of training agree on: plain data that crosses workers. Indices of cells are positions in these
 * arrays, never rows of a file.
 */

/** Recorded classes of one annotation. */
export interface TrainingLabels {
  readonly classes: readonly string[];
  /** [n] index into `classes`, −1 = not recorded. */
  readonly codes: Int32Array<ArrayBuffer>;
}

/** Donors of all studies; the same name in two studies is two donors. */
interface TrainingDonors {
  readonly names: readonly string[];
  /** [donors] index into the studies' names. */
  readonly studies: readonly number[];
  /** [donors] 1 = the encoder was trained on this donor: it may train, it is never a test. */
  readonly seen: readonly number[];
  /** [n] −1 = no donor is recorded: such a cell trains where its whole file names no donors, else is left out. */
  readonly codes: Int32Array<ArrayBuffer>;
}

/** Where the cells of a study come from; what training.json repeats. */
export interface TrainingSource {
  readonly study: string;
  /** File name → hex SHA-256. */
  readonly files: Readonly<Record<string, string>>;
  readonly citation: string;
  readonly licence: string;
  /** False = the file names no donors. */
  readonly hasDonors: boolean;
}

/** What donor sets are dealt from: no tokens, so that the page shows the sets at once. */
export interface DonorCells {
  readonly donors: TrainingDonors;
  readonly sources: readonly TrainingSource[];
  /** Index of `sources`, for every cell. */
  readonly studies: Int32Array<ArrayBuffer>;
  /** Annotation → labels. */
  readonly labels: Readonly<Record<string, TrainingLabels>>;
}

/** Cells of all studies, tokenized, with what is recorded of them. */
export interface TrainingCells extends DonorCells {
  /** The cells' tokens; `rows` are rows of each cell's own file. */
  readonly tokens: TokenBatch;
  /** Batch or study within a file where there is one, for the commonest class of it. */
  readonly batches: Grouping;
  /** For results by cell type and for the training reference; null = no column names them. */
  readonly cellTypes: Grouping | null;
  /** For a regression on expression; null = not asked for. */
  readonly expression: LogCounts | null;
}

export type DonorSetName = 'train' | 'validation' | 'test' | 'left-out';

export interface DonorPlace {
  readonly study: string;
  readonly donor: string;
  readonly cells: number;
  /** The encoder was trained on this donor. */
  readonly seen: boolean;
  readonly set: DonorSetName;
}

/** Three sets of donors; no donor is in two of them. */
export interface DonorSets {
  readonly donors: readonly DonorPlace[];
  /** Ascending cells of each set. */
  readonly train: Uint32Array<ArrayBuffer>;
  /** Empty = too few donors: no early stopping, the last weights are kept. */
  readonly validation: Uint32Array<ArrayBuffer>;
  /** Empty = nothing can be said of other donors. */
  readonly test: Uint32Array<ArrayBuffer>;
  /** Sentences: too few donors, cells without a donor, donors seen before … */
  readonly notices: readonly string[];
}

/** Before the start: what a run will need. */
export interface TrainingEstimate {
  /** Weights that learn, of all. */
  readonly learning: number;
  readonly parameters: number;
  /** Of device buffers. */
  readonly deviceBytes: number;
  /** Cells, best weights, moments and checkpoints in the memory of this process. */
  readonly hostBytes: number;
  readonly steps: number;
  readonly cellsPerEpoch: number;
  readonly tokensPerEpoch: number;
  /** For all epochs, validation included; null = no speed is known yet. */
  readonly seconds: number | null;
  readonly notices: readonly string[];
}

/** How cells became micro-batches, for the record. */
export interface BatchPlanRecord {
  readonly cellsPerStep: number;
  readonly tokensPerMicroBatch: number;
  readonly stepsPerEpoch: number;
  readonly microBatchesPerEpoch: number;
  /** The longest micro-batch of the first epoch, in tokens. */
  readonly greatestMicroBatch: number;
  /** FNV-1a over the cells of every micro-batch of the first epoch. */
  readonly fingerprint: string;
}

export interface StepPoint {
  /** Optimiser steps made, from 1. */
  readonly step: number;
  /** Passes over the training cells begun, from 1. */
  readonly epoch: number;
  readonly losses: Losses;
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** How an annotation was answered on some cells. */
export interface AnnotationScore {
  readonly cells: number;
  readonly accuracy: number;
  /** Mean recall over the classes recorded among these cells. */
  readonly balancedAccuracy: number;
}

export interface ValidationPoint {
  readonly step: number;
  readonly epoch: number;
  readonly losses: Losses;
  readonly annotations: Readonly<Record<string, AnnotationScore>>;
  /** What decides; smaller is better for 'loss'. */
  readonly metric: number;
  /** The best so far: its weights are kept. */
  readonly best: boolean;
}

/** A line to draw beside the validation curve: how well one does without the new model. */
export interface BaselineLine {
  readonly id: MethodResult['id'];
  readonly name: string;
  readonly annotation: string;
  readonly accuracy: number;
  readonly balancedAccuracy: number;
}

/** What a run tells while it goes on, in order. */
export type TrainingEvent =
  | {
      readonly kind: 'started';
      readonly engine: EngineDescription;
      readonly steps: number;
      readonly plan: BatchPlanRecord;
      /** Steps that a checkpoint brought along. */
      readonly resumedAt: number;
      readonly deviceBytes: number;
      readonly learning: number;
    }
  /** Once, before the first step, on the validation cells; none without validation donors. */
  | { readonly kind: 'baselines'; readonly lines: readonly BaselineLine[] }
  | ({
      readonly kind: 'step';
      readonly steps: number;
      readonly cellsPerSecond: number;
      readonly tokensPerSecond: number;
      readonly secondsLeft: number;
    } & StepPoint)
  | ({ readonly kind: 'validation' } & ValidationPoint)
  | { readonly kind: 'paused' | 'resumed'; readonly step: number }
  /** A checkpoint is in the store: from here a reload goes on. */
  | { readonly kind: 'checkpoint'; readonly step: number; readonly bytes: number }
  | { readonly kind: 'notice'; readonly sentence: string };

/** Why a run ended. */
export type TrainingEnd = 'all-epochs' | 'early' | 'stopped' | 'not-finite';

/** Masked loss on some cells beside that of the base model on the same tokens and always guessing by the study's gene (or bin) frequencies in training. */
export interface MaskedScore {
  readonly study: string;
  readonly tokens: number;
  readonly loss: number;
  /** Loss of the base model; null = there is none, or it predicts no hidden tokens. */
  readonly base: number | null;
  /** Nats by the frequencies; of the rank value: the variance about the mean. */
  readonly frequencies: number;
  readonly accuracy: number;
}

/** The test set, opened once. */
export interface TestReport {
  readonly cells: number;
  readonly donors: number;
  /** Annotation → the new model first, then what it must beat, on the same cells. */
  readonly methods: Readonly<Record<string, readonly MethodResult[]>>;
  /** By study, "all" first; empty where nothing was hidden. */
  readonly masked: readonly MaskedScore[];
}

export interface TrainingSummary {
  readonly end: TrainingEnd;
  /** One sentence why it ended. */
  readonly reason: string;
  readonly engine: EngineDescription;
  readonly kernels: Trainer['kernels'];
  readonly steps: number;
  readonly epochs: number;
  readonly seconds: number;
  readonly cellsSeen: number;
  /** Where the weights kept come from; null = from the last step, without validation. */
  readonly best: ValidationPoint | null;
  readonly history: readonly StepPoint[];
  readonly validations: readonly ValidationPoint[];
  readonly baselines: readonly BaselineLine[];
  readonly donors: readonly DonorPlace[];
  readonly plan: BatchPlanRecord;
  /** Chosen on validation cells: least probability of an answer; null = not chosen. */
  readonly threshold: number | null;
  /** null = no donor could be a test. */
  readonly test: TestReport | null;
  readonly notices: readonly string[];
}
