import type { AdapterPeak } from '../src/gpu/peak/peak.ts';
import type { GemmFigure } from '../src/speed/report.ts';
import type { Scale } from './scale.ts';

/** Who computed: an engine of ours, or onnxruntime's provider with the way its batches are padded. */
export type Contender =
  | 'webgpu'
  | 'wasm'
  | 'wasm int8'
  | 'ort-webgpu'
  | 'ort-webgpu fused'
  | 'ort-webgpu plain'
  | 'ort-webgpu padded to cap'
  | 'ort-webgpu padded to longest'
  | 'ort-wasm padded to longest'
  | 'ort-cpu padded to longest';

/** Speed of one contender in one contest. */
export interface Figure {
  readonly by: Contender;
  /** Cells a second through the measured layers. */
  readonly cellsPerSecond: number;
  /** Floating-point operations a second that the cells need; padding does not count. */
  readonly flops: number;
}

/** The same cells of one model by several. */
export interface Contest {
  readonly kind: 'equal' | 'mix' | 'wasm';
  readonly model: string;
  /** The length mix, or the equal length. */
  readonly cells: string;
  readonly scale: Scale;
  readonly meanLength: number;
  /** Our engine first; every ratio is its cells a second over the other's. */
  readonly figures: readonly Figure[];
}

/** One cell of one model, from call to answer. */
export interface Latency {
  readonly by: Contender;
  readonly model: string;
  readonly genes: number;
  readonly layers: number;
  readonly milliseconds: number;
}

/** Time of a kernel's dispatches, by timestamp queries. */
export interface KernelTime {
  readonly kernel: string;
  readonly milliseconds: number;
  readonly dispatches: number;
}

/** Largest difference of pooled vectors from onnxruntime's CPU or WebAssembly provider, on equal lengths. */
export interface Agreement {
  readonly by: Contender;
  readonly error: number;
}

export interface BenchResult {
  readonly date: string;
  readonly where: 'node' | 'chromium';
  readonly versions: Readonly<Record<string, string>>;
  readonly minutes: number;
  readonly threads: number;
  readonly adapter: { readonly name: string; readonly software: boolean };
  readonly peak: AdapterPeak;
  readonly gemm: readonly GemmFigure[];
  readonly agreement: readonly Agreement[];
  readonly contests: readonly Contest[];
  readonly latency: readonly Latency[];
  readonly kernels: readonly KernelTime[];
  /** What did not fit the time, and what to know of the peers, in words. */
  readonly remarks: readonly string[];
  readonly seconds: number;
}
