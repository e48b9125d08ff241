import { type Kernel, threadVariant } from '../../kernel.ts';
import bindings from './bindings.wgsl?raw';
import thread from './thread.wgsl?raw';

const rowPerThread = threadVariant(bindings + thread, ({ rows }) => rows);

/**
 * The gradient of layer-norm by its input: with g = cotangent · weight and x̂ = (x − mean) / sd,
 * dx = (g − mean(g) − x̂ · mean(g · x̂)) / sd. sd = √(variance + eps), statistics of a row in two
 * passes, as in the forward kernel. x, cotangent and dx [rows, columns] in rows padded with zeros;
 * statistics [rows] of (mean, 1 / sd), for layer-norm-parameters. Both `=`.
 */
export const layerNormBackward: Kernel = {
  name: 'layer-norm-backward',
  reads: ['x', 'weight', 'cotangent'],
  writes: ['dx', 'statistics'],
  uniforms: { rows: 'u32', columns: 'u32', stride4: 'u32', eps: 'f32' },
  variants: { hardware: [rowPerThread], software: [rowPerThread] },
};
