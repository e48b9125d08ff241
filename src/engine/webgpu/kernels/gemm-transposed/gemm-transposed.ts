import type { Kernel, KernelVariant } from '../../kernel.ts';
import shader from './gemm-transposed.wgsl?raw';

const registerTile: KernelVariant = {
  name: 'register',
  shader,
  constants: (constants) => constants,
  workgroups: ({ rows, slice_rows, inner4, columns4 }) =>
    Math.ceil(rows / slice_rows) * columns4 * Math.ceil(inner4 / 64),
};

/**
 * y[s] = x[rows of slice s]ᵀ · r[rows of slice s]: the gradient of a linear layer, cut into slices of
 * `slice_rows` rows that are added up elsewhere, in more than float32.
 * x [rows, K], r [rows, N], y [slices, K, N]; K and N counted in vec4s.
 */
export const gemmTransposed: Kernel = {
  name: 'gemm-transposed',
  reads: ['x', 'r'],
  writes: ['y'],
  uniforms: { rows: 'u32', slice_rows: 'u32', inner4: 'u32', columns4: 'u32' },
  variants: { hardware: [registerTile], software: [registerTile] },
};
