import type { ValueInput } from '../../../../model/config.ts';
import { type Constants, FLAT_THREADS, type Kernel, type KernelVariant } from '../../kernel.ts';
import shader from './embedding.wgsl?raw';

/** Position of a row that has none: annotation tokens. */
export const NO_POSITION = 0xffff_ffff;

/** What a row of input says of its value: none, one, or (X rank) one that is hidden. */
export const VALUE_FLAG = { none: 0, present: 1, masked: 2 } as const;

/** The constants that choose how values enter. */
export function valueConstants(input: ValueInput): Constants {
  return { BINNED: Number(input === 'binned'), RANK: Number(input === 'rank') };
}

const gather: KernelVariant = {
  name: 'gather',
  shader,
  constants: (constants) => constants,
  workgroups: ({ rows, stride4 }) => Math.ceil((rows * stride4) / FLAT_THREADS),
};

/**
 * x[row] = table[id] + positions[position] + value, for rows whose id lies in id_start … id_end:
 * one dispatch for each chunk of a table that is larger than a binding may be; together they write
 * every row once. The value is a row of value_table (X binned) or value · value_table + value_bias
 * (X rank), where a hidden value has row 1 of value_table in its place. table [id_end − id_start, d], positions [p, d], x [rows, d].
 */
export const embedding: Kernel = {
  name: 'embedding',
  reads: ['table', 'input', 'positions', 'value_table', 'value_bias'],
  writes: ['x'],
  uniforms: { rows: 'u32', stride4: 'u32', id_start: 'u32', id_end: 'u32' },
  variants: { hardware: [gather], software: [gather] },
};
