import { type Constants, type Kernel, threadVariant } from '../../kernel.ts';
import erf from '../erf.wgsl?raw';
import shader from './activation.wgsl?raw';

const vec4PerThread = threadVariant(erf + shader, ({ count4 }) => count4);

/** The constants that choose the function, of this kernel and of activation-backward. */
export function activationConstants(kind: 'gelu' | 'relu'): Constants {
  return { GELU: Number(kind === 'gelu'), RELU: Number(kind === 'relu') };
}

/** y = GELU(x) (exact, by erf) or ReLU(x), where x itself is kept for the backward pass. `=`. */
export const activation: Kernel = {
  name: 'activation',
  reads: ['x'],
  writes: ['y'],
  uniforms: { count4: 'u32' },
  variants: { hardware: [vec4PerThread], software: [vec4PerThread] },
};
