import type { Kernel, KernelName } from '../kernel.ts';
import { attention } from './attention/attention.ts';
import { attentionBackwardKeys, attentionBackwardQueries } from './attention-backward/attention-backward.ts';
import { attentionDots } from './attention-dots/attention-dots.ts';
import { embedding } from './embedding/embedding.ts';
import { gemm } from './gemm/gemm.ts';
import { gemmTransposed } from './gemm-transposed/gemm-transposed.ts';
import { layerNorm } from './layer-norm/layer-norm.ts';
import { meanRows } from './mean-rows/mean-rows.ts';
import { softmaxResidual } from './softmax-residual/softmax-residual.ts';

/** Every kernel: of the encoder, of its backward pass, and of the softmax loss the last two with gemm. */
export const KERNELS: Readonly<Record<KernelName, Kernel>> = {
  embedding,
  gemm,
  'layer-norm': layerNorm,
  attention,
  'attention-dots': attentionDots,
  'attention-backward-queries': attentionBackwardQueries,
  'attention-backward-keys': attentionBackwardKeys,
  'mean-rows': meanRows,
  'softmax-residual': softmaxResidual,
  'gemm-transposed': gemmTransposed,
};
