import { type Kernel, workgroupVariant } from '../../kernel.ts';
import shader from './clip-factor.wgsl?raw';

const oneWorkgroup = workgroupVariant(shader, () => 1);

/**
 * y[0] = (norm, min(1, clip / norm), 1, 0) of the norm √Σ sums: what all gradients are multiplied by so that
 * their norm together is at most `clip`. Where the norm is not finite y[0] = (what it is, 0, 0, 0), and
 * adamw leaves everything as it is. sums [count], y one vec4f, `=`.
 */
export const clipFactor: Kernel = {
  name: 'clip-factor',
  reads: ['sums'],
  writes: ['y'],
  uniforms: { count: 'u32', clip: 'f32' },
  variants: { hardware: [oneWorkgroup], software: [oneWorkgroup] },
};
