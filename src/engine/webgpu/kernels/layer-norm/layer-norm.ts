import type { Kernel, KernelVariant } from '../../kernel.ts';
import sumOverLanes from '../sum-over-lanes.wgsl?raw';
import bindings from './bindings.wgsl?raw';
import thread from './thread.wgsl?raw';
import workgroup from './workgroup.wgsl?raw';

const rowPerWorkgroup: KernelVariant = {
  name: 'workgroup',
  shader: bindings + sumOverLanes + workgroup,
  constants: (constants) => constants,
  workgroups: ({ rows }) => rows,
};

const rowPerThread: KernelVariant = {
  name: 'thread',
  shader: bindings + thread,
  constants: (constants) => constants,
  workgroups: ({ rows }) => Math.ceil(rows / 64),
};

/**
 * y = (x − mean) / √(variance + eps) · weight + bias over each row of x [rows, columns]; statistics
 * in two passes in f32 over the true columns, padding left zero.
 */
export const layerNorm: Kernel = {
  name: 'layer-norm',
  reads: ['x', 'weight', 'bias'],
  writes: ['y'],
  uniforms: { rows: 'u32', columns: 'u32', stride4: 'u32', eps: 'f32' },
  variants: { hardware: [rowPerWorkgroup, rowPerThread], software: [rowPerThread, rowPerWorkgroup] },
};
