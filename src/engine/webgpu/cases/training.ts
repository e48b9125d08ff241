import type { ModelConfig } from '../../../model/config.ts';
import { activationBackwardCase, activationCase, addCase, dropoutCase, fillCase } from './elements.ts';
import { gatherRowsCase, segmentSumCase } from './gather.ts';
import { gemmCase } from './gemm.ts';
import type { KernelCase } from './kernel-case.ts';
import { softmaxGradientCase, softmaxStatisticsCase, squaredErrorCase } from './loss.ts';
import { adamwCase, clipFactorCase, squareSumCase } from './optimiser.ts';
import { layerNormBackwardCase, layerNormParametersCase, sumRowsCase } from './rows-backward.ts';

/**
 * For each family of dispatches that training adds to the forward pass, attention's apart, small shapes that
 * no tile divides.
 */
export function trainingCases(activation: ModelConfig['layerActivation'], seed: number): KernelCase[][] {
  const chunk = { rows: 67, start: 9, columns: 21, behind: 3 };
  const step = { count4: 67, step: 3, decay: 0.1, finite: true };
  return [
    ...(['nt', 'tn'] as const).map((form) => [
      gemmCase({ rows: 67, inner: 35, columns: 70, epilogue: 'none', form, accumulate: 1 }, seed),
      gemmCase({ rows: 9, inner: 130, columns: 33, epilogue: 'none', form }, seed),
    ]),
    [layerNormBackwardCase(67, 70, seed), layerNormBackwardCase(3, 261, seed, 'statistics')],
    [layerNormParametersCase(67, 70, 30, seed)],
    [sumRowsCase(67, 70, 30, 0, seed), sumRowsCase(67, 70, 67, 1, seed)],
    [activationCase(activation, 67, seed)],
    [activationBackwardCase(activation, 67, seed)],
    [dropoutCase(0.3, 1, 67, seed), dropoutCase(0.3, 0, 67, seed)],
    [addCase(67, seed)],
    [gatherRowsCase(67, 10, 0, seed), gatherRowsCase(67, 10, 1, seed)],
    [segmentSumCase([3, 0, 70, 1], 10, 0, seed), segmentSumCase([3, 0, 70, 1], 10, 1, seed)],
    [fillCase(67, 0.25, seed)],
    [softmaxStatisticsCase({ ...chunk, start: 0 }, seed), softmaxStatisticsCase(chunk, seed)],
    [softmaxGradientCase(chunk, seed)],
    [squaredErrorCase(67, 'dx', seed), squaredErrorCase(67, 'loss', seed)],
    [squareSumCase(670, 100, 3, seed)],
    [clipFactorCase(300, 1.5, 1, seed), clipFactorCase(300, 1.5, Number.POSITIVE_INFINITY, seed)],
    [
      adamwCase(step, 'weight', seed),
      adamwCase(step, 'first', seed),
      adamwCase(step, 'second', seed),
      adamwCase({ ...step, finite: false }, 'weight', seed),
    ],
  ];
}
