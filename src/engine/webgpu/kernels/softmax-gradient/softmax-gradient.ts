import { type Kernel, threadVariant } from '../../kernel.ts';
import shader from './softmax-gradient.wgsl?raw';

const vec4PerThread = threadVariant(shader, ({ rows, stride4 }) => rows * stride4);

/**
 * y = weight · (softmax − onehot(target)) of each row, for the classes of one chunk; zero outside the row's
 * classes and in padding. `=`. A row that counts for nothing has weight 0 or no classes. Shapes and uniforms as softmax-statistics, whose
 * finished `state` is read.
 */
export const softmaxGradient: Kernel = {
  name: 'softmax-gradient',
  reads: ['logits', 'targets', 'state'],
  writes: ['y'],
  uniforms: { rows: 'u32', columns: 'u32', stride4: 'u32', column_start: 'u32' },
  variants: { hardware: [vec4PerThread], software: [vec4PerThread] },
};
