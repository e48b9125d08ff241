import type { ModelConfig } from '../../../model/config.ts';
import { attentionCase } from '../cases/attention.ts';
import { attentionBackwardCases } from '../cases/attention-backward.ts';
import { gemmCase } from '../cases/gemm.ts';
import type { KernelCase } from '../cases/kernel-case.ts';
import { trainingCases } from '../cases/training.ts';
import { encoderCases } from '../self-test.ts';
import { familyOf } from '../variants.ts';

/** For each family of dispatches that training runs, forward and backward, small shapes that no tile divides. */
export function trainerCases(config: ModelConfig, seed: number): KernelCase[][] {
  const headSize = config.dModel / config.nHeads;
  const cells = [19, 70, 1].map((length) => ({ queries: length, keys: length }));
  const cases = [
    ...encoderCases(config, 'f32', seed),
    ...trainingCases(config.layerActivation, seed),
    ...attentionBackwardCases(headSize, seed),
    [
      attentionCase({ heads: 2, headSize, cells, sums: true }, seed),
      gemmCase({ rows: 9, inner: 35, columns: 33, epilogue: 'none', accumulate: 1 }, seed),
      gemmCase({ rows: 67, inner: 35, columns: 33, epilogue: 'bias', form: 'nt' }, seed),
      gemmCase({ rows: 9, inner: 35, columns: 33, epilogue: 'residual', form: 'nt' }, seed),
    ],
  ].flat();
  const families = new Map<string, KernelCase[]>();
  for (const kernelCase of cases) {
    // Pooling is no part of training.
    if (kernelCase.dispatch.kernel === 'mean-rows') continue;
    const family = familyOf(kernelCase.dispatch);
    families.set(family, [...(families.get(family) ?? []), kernelCase]);
  }
  return [...families.values()];
}
