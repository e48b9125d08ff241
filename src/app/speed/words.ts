import type { Contestant, SkippedModel } from '../../speed/report.ts';
import { engineName } from '../model/engine-name.ts';

/** How an engine and its way to multiply are called. */
export function contestantName({ engine, precision }: Contestant): string {
  return precision === 'f32' ? engineName(engine) : `${engineName(engine)}, 8-bit`;
}

/** Floating-point operations a second: "1.2 TFLOP/s", "34 GFLOP/s". */
export function formatFlops(rate: number): string {
  const [value, unit] = rate >= 1e12 ? [rate / 1e12, 'TFLOP/s'] : [rate / 1e9, 'GFLOP/s'];
  return `${value >= 100 ? Math.round(value) : value.toPrecision(2)} ${unit}`;
}

/** Bytes a second: "400 GB/s". */
export function formatBandwidth(bytesPerSecond: number): string {
  return `${rounded(bytesPerSecond / 1e9)} GB/s`;
}

/** Cells a second, or seconds a cell where they are few: "120 cells/s", "8.5 s a cell". */
export function formatSpeed(cellsPerSecond: number): string {
  if (cellsPerSecond < 1) return `${rounded(1 / cellsPerSecond)} s a cell`;
  return `${rounded(cellsPerSecond)} cells/s`;
}

function rounded(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}

/** Why a model has no figure. */
export function skippedReason({ reason }: SkippedModel): string {
  return reason === 'slow' ? 'not within this time' : reason;
}
