import type { Kernel, KernelName } from '../kernel.ts';
import { activation } from './activation/activation.ts';
import { activationBackward } from './activation-backward/activation-backward.ts';
import { adamw } from './adamw/adamw.ts';
import { add } from './add/add.ts';
import { attention } from './attention/attention.ts';
import { attentionBackwardKeys, attentionBackwardQueries } from './attention-backward/attention-backward.ts';
import { attentionDots } from './attention-dots/attention-dots.ts';
import { clipFactor } from './clip-factor/clip-factor.ts';
import { dropout } from './dropout/dropout.ts';
import { embedding } from './embedding/embedding.ts';
import { fill } from './fill/fill.ts';
import { gatherRows } from './gather-rows/gather-rows.ts';
import { gemm } from './gemm/gemm.ts';
import { gemmTransposed } from './gemm-transposed/gemm-transposed.ts';
import { layerNorm } from './layer-norm/layer-norm.ts';
import { layerNormBackward } from './layer-norm-backward/layer-norm-backward.ts';
import { layerNormParameters } from './layer-norm-parameters/layer-norm-parameters.ts';
import { meanRows } from './mean-rows/mean-rows.ts';
import { segmentSum } from './segment-sum/segment-sum.ts';
import { softmaxGradient } from './softmax-gradient/softmax-gradient.ts';
import { softmaxResidual } from './softmax-residual/softmax-residual.ts';
import { softmaxStatistics } from './softmax-statistics/softmax-statistics.ts';
import { squareSum } from './square-sum/square-sum.ts';
import { squaredError } from './squared-error/squared-error.ts';
import { sumRows } from './sum-rows/sum-rows.ts';

/** Every kernel: of the encoder, of the softmax loss, and of training. */
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
  'layer-norm-backward': layerNormBackward,
  'layer-norm-parameters': layerNormParameters,
  'sum-rows': sumRows,
  activation,
  'activation-backward': activationBackward,
  dropout,
  add,
  'gather-rows': gatherRows,
  'segment-sum': segmentSum,
  fill,
  'softmax-statistics': softmaxStatistics,
  'softmax-gradient': softmaxGradient,
  'squared-error': squaredError,
  'square-sum': squareSum,
  'clip-factor': clipFactor,
  adamw,
};
