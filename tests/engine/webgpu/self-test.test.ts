import { describe, expect, it } from 'vitest';
import { gemmCase } from '../../../src/engine/webgpu/cases/gemm.ts';
import { layerNormCase } from '../../../src/engine/webgpu/cases/rows.ts';
import { softmaxLossCases } from '../../../src/engine/webgpu/cases/softmax.ts';
import { type ChosenKernels, chooseFrom, chooseKernels } from '../../../src/engine/webgpu/choose-kernels.ts';
import { orderedVariants } from '../../../src/engine/webgpu/default-variants.ts';
import type { KernelName } from '../../../src/engine/webgpu/kernel.ts';
import { KERNELS } from '../../../src/engine/webgpu/kernels/index.ts';
import { KernelSelfTestError } from '../../../src/engine/webgpu/self-test.ts';
import { shapeClass } from '../../../src/engine/webgpu/variants.ts';
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

const product = gemmCase({ rows: 3, inner: 24, columns: 24, epilogue: 'bias' }, 1).dispatch;
const order = orderedVariants(context, KERNELS.gemm, [product]).map(({ name }) => name);

/** The name of the variant that runs a product of the model. */
const gemmOf = ({ choose }: ChosenKernels) => choose(product).name;

describe('the start-up self-test', () => {
  it('chooses a right variant of every kernel', async () => {
    const { results } = await chooseKernels(context, config);
    expect(results.map(({ kernel }) => kernel)).toEqual([
      'embedding',
      'gemm',
      'layer-norm',
      'attention',
      'mean-rows',
    ]);
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(Math.max(...results.map(({ maxError }) => maxError))).toBeGreaterThan(0);
  });

  it('demotes a wrong variant to the next one', async () => {
    const [first, second] = order;
    const chosen = await chooseKernels(context, config, { broken: { kernel: 'gemm', variant: first } });
    expect(gemmOf(chosen)).toBe(second);
    const wrong = chosen.results.filter(({ ok }) => !ok);
    expect(wrong.map(({ kernel, variant }) => `${kernel} ${variant}`)).toEqual([`gemm ${first}`]);
    expect(wrong[0].maxError).toBeGreaterThan(1e-3);
  });

  it('uses the variant a table names only where it is right', async () => {
    const table = { [shapeClass(product)]: order[2] };
    expect(gemmOf(await chooseKernels(context, config, { table }))).toBe(order[2]);
    const broken = { kernel: 'gemm', variant: order[2] } as const;
    const chosen = await chooseKernels(context, config, { table, broken });
    expect(gemmOf(chosen)).toBe(order[0]);
    expect(chosen.results.filter(({ ok }) => !ok)).toHaveLength(1);
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
    const { choose, results } = await chooseFrom(context, softmaxLossCases(7));
    expect(results.map(({ kernel }) => kernel)).toEqual(['gemm', 'softmax-residual', 'gemm-transposed']);
    expect(() => choose(layerNormCase(1, 1, 1).dispatch)).toThrow(RangeError);
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
