import { type Kernel, threadVariant } from '../../kernel.ts';
import shader from './dropout.wgsl?raw';

const vec4PerThread = threadVariant(shader, ({ count4 }) => count4);

/**
 * y = x · scale, or 0 where `isKept` (src/engine/dropout.ts) does not keep the element, padding counted; plus
 * residual where RESIDUAL is not zero. The backward pass is the same dispatch, without residual, on the cotangent.
 * `=`; where no residual is read, any buffer but y may be bound in its place.
 */
export const dropout: Kernel = {
  name: 'dropout',
  reads: ['x', 'residual'],
  writes: ['y'],
  uniforms: { count4: 'u32', seed: 'u32', threshold: 'u32', scale: 'f32' },
  variants: { hardware: [vec4PerThread], software: [vec4PerThread] },
};
