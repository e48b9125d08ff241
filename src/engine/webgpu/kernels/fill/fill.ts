import { type Kernel, threadVariant } from '../../kernel.ts';
import shader from './fill.wgsl?raw';

const vec4PerThread = threadVariant(shader, ({ count4 }) => count4);

/** y = value, everywhere. */
export const fill: Kernel = {
  name: 'fill',
  reads: [],
  writes: ['y'],
  uniforms: { count4: 'u32', value: 'f32' },
  variants: { hardware: [vec4PerThread], software: [vec4PerThread] },
};
