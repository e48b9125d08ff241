import { forwardFlops, type ModelShape } from './model-shapes.ts';
import { GENES_OF_A_CELL } from './report.ts';

/** What of a model is measured: its layers are equal, so a few tell the rate of all. */
export interface MeasuredPart {
  readonly layers: number;
  readonly genes: number;
}

/** Lengths tried, best first; short cells tell less of attention. */
const GENES = [GENES_OF_A_CELL, 250, 60] as const;
/** Weights that a short measurement may make and upload: all layers of 10M and 70M, two of 400M. */
const MOST_WEIGHTS = 26e6;
/** A run that compiles and warms, and one that counts. */
const RUNS = 2;

/** The largest part of a model that `rate` (floating-point operations a second) measures in `seconds`; null = none. */
export function measuredPart(shape: ModelShape, rate: number, seconds: number): MeasuredPart | null {
  const { dModel, dHid } = shape;
  const weights = 4 * dModel * dModel + 2 * dModel * dHid;
  const most = Math.max(1, Math.min(shape.layers, Math.floor(MOST_WEIGHTS / weights)));
  for (const genes of GENES) {
    const layer = forwardFlops({ nLayers: 1, dModel, dHid }, [genes]);
    const layers = Math.min(most, Math.floor((seconds * rate) / (RUNS * layer)));
    if (layers >= 1) return { layers, genes };
  }
  return null;
}
