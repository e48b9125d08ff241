import { type Kernel, threadVariant } from '../../kernel.ts';
import shader from './squared-error.wgsl?raw';

const rowPerThread = threadVariant(shader, ({ rows }) => rows);

/**
 * loss = weight · (p − t)² and dx = (2 · weight · (p − t), 0, 0, 0) of each row. x [rows, 4], the
 * prediction p in column 0; targets [rows] of (t, weight) float32; dx [rows, 4], loss [rows]. Both `=`.
 */
export const squaredError: Kernel = {
  name: 'squared-error',
  reads: ['x', 'targets'],
  writes: ['dx', 'loss'],
  uniforms: { rows: 'u32' },
  variants: { hardware: [rowPerThread], software: [rowPerThread] },
};
