import type { Precision } from '../engine.ts';
import type { Constants, KernelName } from './kernel.ts';

/**
 * One dispatch as plain data: a test can read it, the executor encodes it. `buffers` gives for each
 * binding name of the kernel the name of a weight, of a buffer the host fills, or of an activation.
 */
export interface Dispatch {
  readonly label: string;
  readonly kernel: KernelName;
  readonly constants: Constants;
  /** How the kernel's matrices are stored. */
  readonly storage: Precision;
  readonly buffers: Readonly<Record<string, string>>;
  readonly uniforms: Readonly<Record<string, number>>;
  /** Multiplications and additions: what the length of a command buffer is measured in. */
  readonly flops: number;
}

/** Bytes of one stored number. */
export const STORED_BYTES: Readonly<Record<Precision, number>> = { f32: 4, f16: 2 };

/** Rows [start, end) of an embedding table that fit one binding. */
export interface TableChunk {
  readonly buffer: string;
  readonly start: number;
  readonly end: number;
}

/** Consecutive dispatches whose flops stay within the budget: one command buffer each. */
export function groupDispatches(dispatches: readonly Dispatch[], budget: number): Dispatch[][] {
  const groups: Dispatch[][] = [];
  let flops = Number.POSITIVE_INFINITY;
  for (const dispatch of dispatches) {
    if (flops + dispatch.flops > budget) {
      groups.push([]);
      flops = 0;
    }
    groups[groups.length - 1].push(dispatch);
    flops += dispatch.flops;
  }
  return groups;
}
