import { type Kernel, threadVariant } from '../../kernel.ts';
import shader from './segment-sum.wgsl?raw';

const vec4PerThread = threadVariant(shader, ({ segments, stride4 }) => segments * stride4);

/**
 * y[destination] = (or += with ACCUMULATE) Σ coefficient · x[row] over the items of each segment, in their
 * order: the gradient of a table's rows without atomics. Destinations differ from one another; rows of y
 * that no segment names stay. segments [n] of (destination, first item, items, 0), items [m] of (row of x,
 * bits of a float32 coefficient), x and y [any, stride].
 */
export const segmentSum: Kernel = {
  name: 'segment-sum',
  reads: ['x', 'segments', 'items'],
  writes: ['y'],
  uniforms: { segments: 'u32', stride4: 'u32' },
  variants: { hardware: [vec4PerThread], software: [vec4PerThread] },
};
