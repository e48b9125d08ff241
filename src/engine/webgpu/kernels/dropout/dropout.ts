import type { UniformValues } from '../../../../gpu/uniforms.ts';
import { type Kernel, threadVariant } from '../../kernel.ts';
import shader from './dropout.wgsl?raw';

const vec4PerThread = threadVariant(shader, ({ count4 }) => count4);

/** The uniforms of a dropout of `probability` in [0, 1). */
export function dropoutUniforms(count4: number, seed: number, probability: number): UniformValues {
  return {
    count4,
    seed: seed >>> 0,
    threshold: Math.min(2 ** 32 - 1, Math.round(probability * 2 ** 32)),
    scale: 1 / (1 - probability),
  };
}

/** murmur3's finaliser. */
function mix(value: number): number {
  let h = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The hash of element `index` of a padded buffer: it is dropped where this is below the threshold. */
export function dropoutHash(seed: number, index: number): number {
  return mix(mix(index) ^ seed);
}

/**
 * y = x · scale, or 0 where `dropoutHash` of (seed, index of the element, padding counted) is below
 * threshold; plus residual where RESIDUAL is not zero. The backward pass is the same dispatch, without
 * residual, on the cotangent. `=`; where no residual is read, any buffer but y may be bound in its place.
 */
export const dropout: Kernel = {
  name: 'dropout',
  reads: ['x', 'residual'],
  writes: ['y'],
  uniforms: { count4: 'u32', seed: 'u32', threshold: 'u32', scale: 'f32' },
  variants: { hardware: [vec4PerThread], software: [vec4PerThread] },
};
