import { FLAT_THREADS, type Kernel, type KernelVariant } from '../../kernel.ts';
import shader from './attention-dots.wgsl?raw';

const perThread: KernelVariant = {
  name: 'thread',
  shader,
  constants: ({ HEAD_SIZE }) => ({
    HEAD_SIZE,
    HEAD_VECS: HEAD_SIZE / 4,
    ALIGNED: Number(HEAD_SIZE % 4 === 0),
    THREADS: FLAT_THREADS,
  }),
  workgroups: ({ rows, heads }) => Math.ceil((rows * heads) / FLAT_THREADS),
};

/**
 * dots = Σ over a head's columns of cotangent · y: what softmax's backward pass subtracts, Σ_keys P ∘ dP, from
 * the output of `attention` instead of its weights (Dao et al. 2022, appendix B.2). y and cotangent
 * [rows, heads · headSize], dots [rows, heads] float32; constants as `attentionBackwardConstants`.
 */
export const attentionDots: Kernel = {
  name: 'attention-dots',
  reads: ['y', 'cotangent'],
  writes: ['dots'],
  uniforms: { rows: 'u32', heads: 'u32', y_stride4: 'u32' },
  variants: { hardware: [perThread], software: [perThread] },
};
