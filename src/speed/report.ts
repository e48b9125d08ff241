import type { EngineKind } from '../engine/engine.ts';
import type { AdapterPeak } from '../gpu/peak/peak.ts';
import type { ModelShape } from './model-shapes.ts';

/** Genes of the cell that speeds are told for: about the median of droplet-based data. */
export const GENES_OF_A_CELL = 1000;

/** What computes: an engine and how it multiplies. */
export interface Contestant {
  readonly engine: Exclude<EngineKind, 'reference'>;
  readonly precision: 'f32' | 'int8';
}

/** One linear layer on the GPU. */
export interface GemmFigure {
  readonly model: ModelShape['name'];
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** Floating-point operations a second. */
  readonly flops: number;
}

/** One model on one engine. */
export interface ModelFigure extends Contestant {
  readonly model: ModelShape['name'];
  /** What was measured: so many of the model's equal layers … */
  readonly layers: number;
  /** … on a cell of so many genes. */
  readonly genes: number;
  /** Floating-point operations a second. */
  readonly flops: number;
  /** Cells of 1,000 genes through all layers, at that rate. */
  readonly cellsPerSecond: number;
}

/** A model that was not measured on an engine. */
export interface SkippedModel extends Contestant {
  readonly model: ModelShape['name'];
  /** 'slow': not within the time given; otherwise what the engine said. */
  readonly reason: string;
}

/** How fast this machine is, as far as it has been measured. */
export interface SpeedReport {
  readonly date: string;
  readonly version: string;
  /** The browser or Node, as it calls itself. */
  readonly userAgent: string;
  readonly adapter: { readonly name: string; readonly software: boolean } | null;
  /** Threads of the WebAssembly engine; null until it ran. */
  readonly threads: number | null;
  readonly peak: AdapterPeak | null;
  readonly gemm: readonly GemmFigure[];
  readonly models: readonly ModelFigure[];
  readonly skipped: readonly SkippedModel[];
}
