import type { Kernel, KernelVariant } from '../../kernel.ts';
import shader from './softmax-residual.wgsl?raw';

const rowPerThread: KernelVariant = {
  name: 'thread',
  shader,
  constants: (constants) => constants,
  workgroups: ({ rows }) => Math.ceil(rows / 64),
};

/**
 * y = (weight · (softmax(logits) − onehot(class)), weight · −log softmax(logits)[class], 0 …) of each row:
 * residuals, the loss behind them, zeros up to the stride. logits [rows, logit_stride], y [rows, stride],
 * both strides in floats, stride > classes.
 */
export const softmaxResidual: Kernel = {
  name: 'softmax-residual',
  reads: ['logits', 'targets'],
  writes: ['y'],
  uniforms: { rows: 'u32', classes: 'u32', logit_stride: 'u32', stride: 'u32' },
  variants: { hardware: [rowPerThread], software: [rowPerThread] },
};
