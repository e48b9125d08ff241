import type { OptimiserSettings } from '../../trainer.ts';
import { decays, type TensorShapes } from '../../training-tensors.ts';
import { type Parameters, valuesOf } from './parameters.ts';

/** Norm of all gradients together. */
export function globalNorm(gradients: Parameters): number {
  let sum = 0;
  for (const values of gradients.values()) for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

/** What AdamW keeps beside the weights. */
export interface Moments {
  readonly first: Parameters;
  readonly second: Parameters;
}

/**
 * One step of AdamW (Loshchilov & Hutter 2019, in PyTorch's order) on the tensors of `shapes`, in place:
 * w *= 1 − lr · decay (two or more dimensions); m = β₁ m + (1 − β₁) g; v = β₂ v + (1 − β₂) g²;
 * w −= lr · m / (1 − β₁ᵗ) / (√(v / (1 − β₂ᵗ)) + eps).
 * @param factor what every gradient is multiplied by first (clipping)
 * @param step t, 1 for the first
 */
export function adamW(
  weights: Parameters,
  moments: Moments,
  gradients: Parameters,
  shapes: TensorShapes,
  settings: OptimiserSettings,
  factor: number,
  step: number,
): void {
  const { learningRate, beta1, beta2, eps, weightDecay } = settings;
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  for (const [name, shape] of shapes) {
    const w = valuesOf(weights, name);
    const m = valuesOf(moments.first, name);
    const v = valuesOf(moments.second, name);
    const gradient = valuesOf(gradients, name);
    const kept = decays(shape) ? 1 - learningRate * weightDecay : 1;
    for (let i = 0; i < w.length; i++) {
      const g = gradient[i] * factor;
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      w[i] = w[i] * kept - (learningRate * m[i]) / correction1 / (Math.sqrt(v[i] / correction2) + eps);
    }
  }
}
