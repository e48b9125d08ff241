import { describe, expect, it } from 'vitest';
import { canRun } from '../../../src/engine/webgpu/default-variants.ts';
import type { KernelVariant } from '../../../src/engine/webgpu/kernel.ts';
import { KERNELS } from '../../../src/engine/webgpu/kernels/index.ts';
import { encoderCases, testVariant } from '../../../src/engine/webgpu/self-test.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import { deviceOn } from './support/adapter.ts';

/** Heads of 16, which every form of attention takes. */
const config: ModelConfig = {
  modelType: 'teddy_g',
  dModel: 48,
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

type Edit = readonly [right: string, wrong: string];

/**
 * Mistakes of the kind one makes, in the own text of each form: a bound off by one, a neighbour's lane, a
 * factor forgotten. Forms of one text take them in turn.
 */
const MISTAKES: Readonly<Record<string, readonly Edit[]>> = {
  'embedding gather': [['token.y != NO_POSITION', 'token.y == NO_POSITION']],
  'gemm register': [
    ['k < u.inner4; k++', 'k + 1u < u.inner4; k++'],
    ['let k_row = 4u * k * u.columns4', 'let k_row = 4u * k * u.inner4'],
    ['* u.inner4;', '* u.columns4;'],
  ],
  'gemm subgroup': [
    ['subgroupBroadcast(own1, 1u)', 'subgroupBroadcast(own1, 2u)'],
    ['k + quarter < u.inner4', 'k + quarter <= u.inner4'],
  ],
  'gemm lane': [['subgroupBroadcast(own01, 3u)', 'subgroupBroadcast(own01, 2u)']],
  'gemm tiled': [
    ['u.row_end - 1u)', 'u.row_end - 2u)'],
    ['k < 16u', 'k < 15u'],
  ],
  'layer-norm thread': [['/ f32(u.columns)', '/ f32(4u * u.stride4)']],
  'layer-norm workgroup': [['half > 0u', 'half > 1u']],
  'attention direct': [
    ['key < block.z + block.w', 'key + 1u < block.z + block.w'],
    ['total0 * keep0 + p0', 'total0 + p0'],
  ],
  'attention subgroup': [
    ['subgroupBroadcast(own_k0, 1u)', 'subgroupBroadcast(own_k0, 2u)'],
    ['subgroupBroadcast(own_v0, 3u)', 'subgroupBroadcast(own_v0, 0u)'],
  ],
  'attention tile': [['total *= keep;', '']],
  'attention staged': [['vec4u(key_end)', 'vec4u(key_end + 1u)']],
  'attention chunked': [['first_vec + 1u, ', 'first_vec + 2u, ']],
  'mean-rows thread': [['row < range.x + range.y', 'row + 1u < range.x + range.y']],
};

const context = await deviceOn('lavapipe');

describe('the self-test', () => {
  const runs = encoderCases(config, 'f32', 7).flatMap((cases) => {
    const { dispatch } = cases[0];
    const { software, hardware } = KERNELS[dispatch.kernel].variants;
    const all = new Map([...software, ...hardware].map((variant) => [variant.name, variant]));
    return [...all.values()].map((variant, i): [string, KernelVariant, typeof cases, Edit] => {
      const form = `${dispatch.kernel} ${variant.name.split('-')[0]}`;
      const edits = MISTAKES[form] ?? [];
      if (edits.length === 0) throw new Error(`no mistakes for ${form}`);
      return [`${dispatch.kernel} ${variant.name}`, variant, cases, edits[i % edits.length]];
    });
  });

  it('is asked about every form of every kernel of the encoder', () => {
    expect(runs).toHaveLength(26);
    for (const [, variant, cases] of runs) expect(canRun(context, variant, cases[0].dispatch)).toBe(true);
  });

  it.each(runs)('sees a mistake in %s', async (_, variant, cases, edit) => {
    const { kernel } = cases[0].dispatch;
    // The first shape alone: a mistake is seen before the others are compiled.
    const result = await testVariant(context, variant, cases.slice(0, 1), { kernel, edit });
    expect(result.message).toBeUndefined();
    expect(result.ok).toBe(false);
  });
});
