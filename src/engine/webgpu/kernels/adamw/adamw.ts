import type { UniformValues } from '../../../../gpu/uniforms.ts';
import type { OptimiserSettings } from '../../../trainer.ts';
import { type Kernel, threadVariant } from '../../kernel.ts';
import shader from './adamw.wgsl?raw';

const vec4PerThread = threadVariant(shader, ({ count4 }) => count4);

type Settings = Pick<OptimiserSettings, 'learningRate' | 'beta1' | 'beta2' | 'eps'>;

/**
 * The uniforms of one tensor in optimiser step `step` = 1, 2, … `decay` is 0 for tensors that do not decay.
 * 1 − β is made here, in float64: in float32 1 − 0.999 is 5e-5 off.
 */
export function adamwUniforms(
  count4: number,
  { learningRate, beta1, beta2, eps }: Settings,
  decay: number,
  step: number,
): UniformValues {
  return {
    count4,
    learning_rate: learningRate,
    complement1: 1 - beta1,
    complement2: 1 - beta2,
    eps,
    decay,
    correction1: 1 - beta1 ** step,
    correction2: 1 - beta2 ** step,
  };
}

/**
 * One step of AdamW (Loshchilov & Hutter 2019) in PyTorch's order, in place on weight, first and second
 * moment, with g = gradient · factor[0].y of clip-factor:
 * w −= lr · decay · w; m += (1 − β₁)(g − m); v += (1 − β₂)(g² − v);
 * w −= lr · (m / correction1) / (√(v / correction2) + eps), correction = 1 − βᵗ.
 * Nothing changes where factor[0].z is zero: the norm of the gradients is not finite.
 */
export const adamw: Kernel = {
  name: 'adamw',
  reads: ['gradient', 'factor'],
  writes: ['weight', 'first', 'second'],
  uniforms: {
    count4: 'u32',
    learning_rate: 'f32',
    complement1: 'f32',
    complement2: 'f32',
    eps: 'f32',
    decay: 'f32',
    correction1: 'f32',
    correction2: 'f32',
  },
  variants: { hardware: [vec4PerThread], software: [vec4PerThread] },
};
