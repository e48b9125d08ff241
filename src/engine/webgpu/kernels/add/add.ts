import { type Kernel, threadVariant } from '../../kernel.ts';
import shader from './add.wgsl?raw';

const vec4PerThread = threadVariant(shader, ({ count4 }) => count4);

/** y = a + b, element by element. */
export const add: Kernel = {
  name: 'add',
  reads: ['a', 'b'],
  writes: ['y'],
  uniforms: { count4: 'u32' },
  variants: { hardware: [vec4PerThread], software: [vec4PerThread] },
};
