import { type Kernel, threadVariant } from '../../kernel.ts';
import shader from './gather-rows.wgsl?raw';

/** The index of a row that takes nothing. */
export const NO_ROW = 0xffff_ffff;

const vec4PerThread = threadVariant(shader, ({ rows, stride4 }) => rows * stride4);

/**
 * y[i] = (or += with ACCUMULATE) x[index[i]], zeros (or nothing) where index[i] is NO_ROW.
 * x [any, stride], index [rows], y [rows, stride].
 */
export const gatherRows: Kernel = {
  name: 'gather-rows',
  reads: ['x', 'index'],
  writes: ['y'],
  uniforms: { rows: 'u32', stride4: 'u32' },
  variants: { hardware: [vec4PerThread], software: [vec4PerThread] },
};
