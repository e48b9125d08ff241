import { type Kernel, threadVariant, workgroupVariant } from '../../kernel.ts';
import sumOverLanes from '../sum-over-lanes.wgsl?raw';
import bindings from './bindings.wgsl?raw';
import thread from './thread.wgsl?raw';
import workgroup from './workgroup.wgsl?raw';

const piecePerThread = threadVariant(bindings + thread, ({ count4, slice4 }) => Math.ceil(count4 / slice4));
const piecePerWorkgroup = workgroupVariant(bindings + sumOverLanes + workgroup, ({ count4, slice4 }) =>
  Math.ceil(count4 / slice4),
);

/**
 * y[first_out + piece] = Σ x² of each piece of slice4 vec4s of x: the parts of a squared norm, which
 * clip-factor adds up. `=`; the rest of y stays.
 */
export const squareSum: Kernel = {
  name: 'square-sum',
  reads: ['x'],
  writes: ['y'],
  uniforms: { count4: 'u32', slice4: 'u32', first_out: 'u32' },
  variants: { hardware: [piecePerWorkgroup, piecePerThread], software: [piecePerThread, piecePerWorkgroup] },
};
