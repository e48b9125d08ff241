import { describe, expect, it } from 'vitest';
import type { KernelName } from '../../../src/engine/webgpu/kernel.ts';
import { chooseFrom, chooseKernels, KernelSelfTestError } from '../../../src/engine/webgpu/self-test.ts';
import { softmaxLossCases } from '../../../src/engine/webgpu/softmax-kernel-cases.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import { deviceOn } from './support/adapter.ts';

const config: ModelConfig = {
  modelType: 'teddy_g',
  dModel: 24,
  nHeads: 3,
  dHid: 40,
  nLayers: 1,
  nToken: 30,
  maxPositionEmbeddings: 16,
  layerActivation: 'gelu',
  preNorm: false,
  layerNormEps: 1e-5,
  bins: 0,
  continuousRank: false,
  valueInput: 'none',
  annotations: {},
};

const context = await deviceOn('lavapipe');

describe('the start-up self-test', () => {
  it('chooses a right variant of every kernel', async () => {
    const { choice, results } = await chooseKernels(context, config);
    expect(Object.keys(choice)).toHaveLength(5);
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(Math.max(...results.map(({ maxError }) => maxError))).toBeGreaterThan(0);
  });

  it('demotes a wrong variant to the next one', async () => {
    const broken = { kernel: 'gemm', variant: 'register' } as const;
    const { choice, results } = await chooseKernels(context, config, { broken });
    expect(choice.gemm.name).toBe('tiled');
    const wrong = results.filter(({ ok }) => !ok);
    expect(wrong.map(({ kernel, variant }) => `${kernel} ${variant}`)).toEqual(['gemm register']);
    expect(wrong[0].maxError).toBeGreaterThan(1e-3);
  });

  it.each<KernelName>(['embedding', 'gemm', 'layer-norm', 'attention', 'mean-rows'])(
    'refuses the adapter where no %s kernel is right',
    async (kernel) => {
      const chosen = chooseKernels(context, config, { broken: { kernel } });
      const error = await chosen.then(
        () => null,
        (cause: unknown) => cause,
      );
      expect(error).toBeInstanceOf(KernelSelfTestError);
      expect((error as KernelSelfTestError).kernel).toBe(kernel);
    },
  );

  it('tests the kernels asked for and no others', async () => {
    const { choice, results } = await chooseFrom(context, softmaxLossCases(7));
    expect(Object.keys(choice).sort()).toEqual(['gemm', 'gemm-transposed', 'softmax-residual']);
    expect(results.every(({ ok }) => ok)).toBe(true);
  });

  it.each<KernelName>(['gemm', 'softmax-residual', 'gemm-transposed'])(
    'refuses the softmax loss where no %s kernel is right',
    async (kernel) => {
      const chosen = chooseFrom(context, softmaxLossCases(8), { broken: { kernel } });
      await expect(chosen).rejects.toThrow(KernelSelfTestError);
    },
  );
});
