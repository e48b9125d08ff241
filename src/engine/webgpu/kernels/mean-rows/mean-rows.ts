import { FLAT_THREADS, type Kernel, type KernelVariant } from '../../kernel.ts';
import shader from './mean-rows.wgsl?raw';

const threadPerVec4: KernelVariant = {
  name: 'thread',
  shader,
  constants: (constants) => constants,
  workgroups: ({ ranges, stride4 }) => Math.ceil((ranges * stride4) / FLAT_THREADS),
};

/**
 * y[i] = mean of rows ranges[i] = (first row, rows) of x; zero for no rows. Every pooling is this
 * with other ranges, and picking single rows (annotation tokens) is a mean over one.
 * x [rows, d] as stored, y [ranges, d] float32.
 */
export const meanRows: Kernel = {
  name: 'mean-rows',
  reads: ['x', 'ranges'],
  writes: ['y'],
  uniforms: { ranges: 'u32', stride4: 'u32' },
  variants: { hardware: [threadPerVec4], software: [threadPerVec4] },
};
