import type { ModelConfig, Pooling } from '../model/config.ts';
import type { TokenBatch } from '../model/token-batch.ts';

export type EngineKind = 'webgpu' | 'wasm' | 'reference';

/** How weights and activations are stored; sums, statistics and softmax are float32 either way. */
export type Precision = 'f32' | 'f16';

/**
 * How the encoder's weights are stored and multiplied: 'int8' by the WebAssembly engine alone, 'f16' by
 * WebGPU alone. An engine that has not the wished precision computes in float32.
 */
export type EnginePrecision = Precision | 'int8';

/** What an engine gives for a batch; every array is row-major and owned by the caller. */
export interface Encoded {
  /** [cells, dModel] pooled embedding. A cell without tokens has zeros. */
  readonly embedding: Float32Array<ArrayBuffer>;
  /** Annotation name → [cells, classes] logits; empty without annotation heads. */
  readonly logits: Readonly<Record<string, Float32Array<ArrayBuffer>>>;
  /** [tokens, dModel] last-layer states of the gene tokens, packed as in the batch; when asked for. */
  readonly hiddenStates?: Float32Array<ArrayBuffer>;
  /** [cells, annotations, dModel] last-layer states of the annotation tokens; when asked for. */
  readonly annotationStates?: Float32Array<ArrayBuffer>;
}

export interface EncodeOptions {
  readonly pooling: Pooling;
  /** Also return hiddenStates and annotationStates (default false). */
  readonly states?: boolean;
  /** Also return annotationStates alone: what pooling has at hand anyway (default false). */
  readonly annotationStates?: boolean;
  readonly signal?: AbortSignal;
  /** Called as slices of work finish, with the cells done so far of this batch. */
  readonly onCells?: (done: number) => void;
}

/** Device, compiler and limits an engine runs on, for the page, reports and golden lines. */
export interface EngineDescription {
  readonly kind: EngineKind;
  /** e.g. "llvmpipe (LLVM 19), lavapipe", "2 threads", "float64". */
  readonly device: string;
  /** True where the "GPU" is a CPU in disguise. */
  readonly software: boolean;
  readonly threads?: number;
}

/**
 * One encoder with its weights resident. Engines may be called with any number of cells; they slice
 * the work themselves (≤100 ms a submit on a GPU, ≤2 s on a software adapter) and stop between
 * slices when `signal` aborts (rejecting with the signal's reason).
 */
export interface Engine {
  readonly description: EngineDescription;
  readonly config: ModelConfig;
  /** @throws EngineLostError when the device went away; the caller rebuilds from the package. */
  encode(batch: TokenBatch, options: EncodeOptions): Promise<Encoded>;
  destroy(): void;
}

/** The device or runtime under an engine is gone or out of memory; make a new engine from the package. */
export class EngineLostError extends Error {
  override readonly name = 'EngineLostError';
  constructor(
    readonly reason: 'lost' | 'out-of-memory',
    message: string,
  ) {
    super(message);
  }
}
