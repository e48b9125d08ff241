import type { Kernel, KernelName } from '../kernel.ts';
import { attention } from './attention/attention.ts';
import { embedding } from './embedding/embedding.ts';
import { gemm } from './gemm/gemm.ts';
import { layerNorm } from './layer-norm/layer-norm.ts';
import { meanRows } from './mean-rows/mean-rows.ts';

/** Every kernel of the encoder. */
export const KERNELS: Readonly<Record<KernelName, Kernel>> = {
  embedding,
  gemm,
  'layer-norm': layerNorm,
  attention,
  'mean-rows': meanRows,
};
