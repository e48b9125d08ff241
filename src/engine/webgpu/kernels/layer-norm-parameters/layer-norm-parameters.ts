import { type Kernel, threadVariant } from '../../kernel.ts';
import shader from './layer-norm-parameters.wgsl?raw';

const vec4PerThread = threadVariant(
  shader,
  ({ rows, slice_rows, stride4 }) => Math.ceil(rows / slice_rows) * stride4,
);

/**
 * y[s] = (Σ cotangent · x̂, Σ cotangent) over the rows of slice s: the gradients of layer-norm's weight
 * and bias, to be added up by sum-rows over rows of 2 · stride. x, cotangent [rows, stride];
 * statistics [rows] of (mean, 1 / sd) as layer-norm-backward writes them; y [slices, 2 · stride], `=`.
 */
export const layerNormParameters: Kernel = {
  name: 'layer-norm-parameters',
  reads: ['x', 'cotangent', 'statistics'],
  writes: ['y'],
  uniforms: { rows: 'u32', columns: 'u32', stride4: 'u32', slice_rows: 'u32' },
  variants: { hardware: [vec4PerThread], software: [vec4PerThread] },
};
