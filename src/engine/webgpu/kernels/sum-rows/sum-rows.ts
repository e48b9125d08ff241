import { type Kernel, threadVariant, workgroupVariant } from '../../kernel.ts';
import bindings from './bindings.wgsl?raw';
import thread from './thread.wgsl?raw';
import workgroup from './workgroup.wgsl?raw';

const vec4PerThread = threadVariant(
  bindings + thread,
  ({ rows, slice_rows, stride4 }) => Math.ceil(rows / slice_rows) * stride4,
);
const tilePerWorkgroup = workgroupVariant(
  bindings + workgroup,
  ({ rows, slice_rows, stride4 }) => Math.ceil(rows / slice_rows) * Math.ceil(stride4 / 8),
);

/**
 * y[s] = (or += with ACCUMULATE) Σ of the rows of x in slice s, of slice_rows rows each: the gradient of
 * a bias, in as many stages as its rows ask for. x [rows, stride], y [slices, stride].
 */
export const sumRows: Kernel = {
  name: 'sum-rows',
  reads: ['x'],
  writes: ['y'],
  uniforms: { rows: 'u32', stride4: 'u32', slice_rows: 'u32' },
  variants: { hardware: [tilePerWorkgroup, vec4PerThread], software: [vec4PerThread, tilePerWorkgroup] },
};
