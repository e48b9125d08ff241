import { type Kernel, threadVariant } from '../../kernel.ts';
import erf from '../erf.wgsl?raw';
import shader from './activation-backward.wgsl?raw';

const vec4PerThread = threadVariant(erf + shader, ({ count4 }) => count4);

/**
 * dx = cotangent · f′(x) of x before the activation: GELU′ = Φ(x) + x φ(x), ReLU′ = 1 where x > 0 and 0
 * elsewhere. `=`.
 */
export const activationBackward: Kernel = {
  name: 'activation-backward',
  reads: ['x', 'cotangent'],
  writes: ['dx'],
  uniforms: { count4: 'u32' },
  variants: { hardware: [vec4PerThread], software: [vec4PerThread] },
};
